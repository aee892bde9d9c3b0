#!/usr/bin/env bash
# Makes a sample video: a minute of 640x360 with sound, in 15 shots that look and move differently, with hard cuts.
#
#   infra/local/sample.sh sample.mp4
set -euo pipefail

out=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

size=640x360 rate=25
# Each shot: seconds, the tone's frequency in Hz, and what is seen.
shots=(
    "4 220 testsrc2=size=$size:rate=$rate"
    "4 247 mandelbrot=size=$size:rate=$rate:start_scale=3:end_scale=0.3:end_pts=200"
    "3 262 gradients=size=$size:rate=$rate:c0=orange:c1=navy:x0=0:y0=0:x1=640:y1=360:speed=0.02"
    "4 294 life=size=160x90:rate=$rate:mold=10:ratio=0.1:seed=7:life_color=lime:death_color=#103010:mold_color=#205020,scale=$size:flags=neighbor"
    "5 330 smptehdbars=size=$size:rate=$rate,rotate=0.2*t:fillcolor=gray"
    "4 349 cellauto=size=160x90:rate=$rate:rule=110:random_seed=3,scale=$size:flags=neighbor,negate"
    "4 392 testsrc=size=$size:rate=$rate,hue=h=120:s=1.5,hflip"
    "3 440 color=c=darkred:size=$size:rate=$rate,noise=alls=40:allf=t"
    "5 494 mandelbrot=size=$size:rate=$rate:start_x=-0.743:start_y=0.131:start_scale=0.01:end_scale=0.001:end_pts=200,hue=h=200"
    "4 523 gradients=size=$size:rate=$rate:c0=white:c1=teal:x0=640:y0=0:x1=0:y1=360:speed=0.05,vflip"
    "4 587 rgbtestsrc=size=$size:rate=$rate,zoompan=z=1+0.005*on:d=1:s=$size:fps=$rate"
    "4 659 life=size=128x72:rate=$rate:ratio=0.4:seed=11:rule=B3/S23:life_color=gold:death_color=black,scale=$size:flags=neighbor"
    "4 698 pal75bars=size=$size:rate=$rate,scroll=horizontal=0.01,eq=brightness=-0.2"
    "4 784 sierpinski=size=$size:rate=$rate:seed=5,hue=h=60:s=3"
    "4 880 testsrc2=size=$size:rate=$rate,hue=h=180,vflip,boxblur=4"
)

number=0
for shot in "${shots[@]}"; do
    read -r seconds tone picture <<<"$shot"
    name=$(printf '%s/%02d.mkv' "$folder" "$number")
    ffmpeg -nostdin -hide_banner -loglevel error \
        -f lavfi -i "$picture" -f lavfi -i "sine=frequency=$tone:sample_rate=44100" \
        -t "$seconds" -pix_fmt yuv420p -c:v libx264 -preset ultrafast -crf 18 -c:a pcm_s16le "$name"
    echo "file '$name'" >>"$folder/list"
    number=$((number + 1))
done

# Encoded once more as a whole, as a real video is: its keyframes do not lie on the cuts by themselves.
ffmpeg -nostdin -hide_banner -loglevel error -f concat -safe 0 -i "$folder/list" \
    -c:v libx264 -preset veryfast -crf 20 -g 100 -c:a aac -b:a 96k -movflags +faststart -y "$folder/sample.mp4"
mv "$folder/sample.mp4" "$out"
