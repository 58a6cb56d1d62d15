"""What is measured: each target starts on servers and files of its own and says where its processes are."""
