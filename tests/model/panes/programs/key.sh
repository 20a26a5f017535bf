echo "The data set is ready."
echo "Press any key to continue . . ."
read -r -n 1 -s
