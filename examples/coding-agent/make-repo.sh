#!/bin/sh
# Makes repos/leap.git, a bare repository of the folder leap, for the agent to clone.
set -e
cd "$(dirname "$0")"
rm -rf repos/leap.git
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R leap/. "$work"
git -C "$work" init --quiet --initial-branch=main
git -C "$work" add --all
git -C "$work" -c user.name=Example -c user.email=example@example.com commit --quiet --message='A calendar'
git clone --quiet --bare "$work" repos/leap.git
