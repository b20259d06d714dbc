"""The font of cards and pictures: a part of Noto Sans CJK SC under a name of its own (OFL.txt), made by `build`."""
