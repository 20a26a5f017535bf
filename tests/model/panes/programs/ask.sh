echo "checkpoints/last.pt is there already."
read -r -p "Overwrite checkpoints/last.pt? [y/N] " reply
