# banyanctl: a bin program
