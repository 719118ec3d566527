"""The stock engines that ours are compared with, one file each."""
