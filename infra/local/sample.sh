#!/usr/bin/env bash
# Makes a sample video: a minute of 640x360 with sound, in 15 shots that look and move differently, with hard cuts.
#
#   infra/local/sample.sh sample.mp4
set -euo pipefail

out=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

size=640x360 rate=25
# A slow flight into the Mandelbrot set: full of detail, and different at every place.
flight() {
    echo "mandelbrot=size=$size:rate=$rate:maxiter=400:start_x=$1:start_y=$2:start_scale=$3:end_scale=$4:end_pts=200,hue=h=$5"
}

# Each shot: seconds, the tone's frequency in Hz, and what is seen. Nothing is random: every run makes the
# same film.
shots=(
    "4 220 testsrc2=size=$size:rate=$rate"
    "4 247 $(flight -0.7436 0.1318 3 0.5 0)"
    "4 262 smptehdbars=size=$size:rate=$rate,rotate=0.05*t:fillcolor=gray"
    "4 294 $(flight -0.7436 0.1318 0.02 0.005 200)"
    "5 330 testsrc=size=$size:rate=$rate,hue=h=120:s=1.5"
    "4 349 $(flight -0.1592 -1.0317 0.2 0.05 60)"
    "3 392 sierpinski=size=$size:rate=$rate:seed=5:jump=20,hue=h=60:s=3"
    "4 440 $(flight -1.2507 0.0201 0.06 0.02 280)"
    "5 494 pal75bars=size=$size:rate=$rate,rotate=0.5+0.05*t:fillcolor=navy"
    "4 523 $(flight 0.282 -0.01 0.05 0.02 140)"
    "4 587 testsrc2=size=$size:rate=$rate,hue=h=180,vflip"
    "4 659 $(flight -0.7747 -0.1374 0.04 0.01 320)"
    "3 698 rgbtestsrc=size=$size:rate=$rate,rotate=0.3-0.05*t:fillcolor=white"
    "4 784 $(flight 0.0016 -0.8225 0.08 0.03 30)"
    "4 880 testsrc=size=$size:rate=$rate,hflip,eq=brightness=-0.2"
)

number=0
for shot in "${shots[@]}"; do
    read -r seconds tone picture <<<"$shot"
    name=$(printf '%s/%02d.mkv' "$folder" "$number")
    ffmpeg -nostdin -hide_banner -loglevel error \
        -f lavfi -i "$picture" -f lavfi -i "sine=frequency=$tone:sample_rate=44100" \
        -t "$seconds" -pix_fmt yuv420p -c:v libx264 -threads 2 -preset ultrafast -crf 18 -c:a pcm_s16le "$name"
    echo "file '$name'" >>"$folder/list"
    number=$((number + 1))
done

# Encoded once more as a whole, as a real video is: its keyframes do not lie on the cuts by themselves.
ffmpeg -nostdin -hide_banner -loglevel error -f concat -safe 0 -i "$folder/list" \
    -c:v libx264 -threads 2 -preset veryfast -crf 20 -g 100 -c:a aac -b:a 96k -movflags +faststart -y "$folder/sample.mp4"
mv "$folder/sample.mp4" "$out"
