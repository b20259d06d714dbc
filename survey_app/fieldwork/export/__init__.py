"""What leaves on paper or as a file: invitations of named lists."""
