for shard in $(seq 1 400); do
  echo "copying shard $shard to /scratch"
  [ "$shard" -lt 6 ] || sleep 600
done
