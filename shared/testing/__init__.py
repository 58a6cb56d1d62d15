"""What tests of every part share: real servers, users, socket drivers. Never imported by a program."""
