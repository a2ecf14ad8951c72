#!/bin/sh
# deliver.sh FILE ID: delivers a file to the agent issue as GitHub would, signed with $GITHUB_WEBHOOK_SECRET.
set -e
signature=$(openssl dgst -sha256 -hmac "$GITHUB_WEBHOOK_SECRET" "$1" | sed 's/.*= //')
curl --silent --show-error --write-out '%{http_code}\n' \
  --header "Content-Type: application/json" --header "X-GitHub-Event: issues" --header "X-GitHub-Delivery: $2" \
  --header "X-Hub-Signature-256: sha256=$signature" --data-binary "@$1" "${FLUE_URL:-http://127.0.0.1:3000}/webhooks/issue"
