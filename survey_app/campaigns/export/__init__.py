"""What a campaign gives out on paper or as a file: the set-up workbook, QR symbols, card sheets, posters."""
