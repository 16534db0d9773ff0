#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154  # bats sets status and output; nginx.bash sets url and https_url
# netwatch probe: what endpoints say, and how long each step takes.
load ../common
load ../servers
load ../nginx
load ../certificates

teardown() { stop_servers; }

# Several servers with TLS on ports after $1: a good certificate, and three that are not.
nginx_configuration() {
  local user='' port=$1 name
  [[ $EUID -ne 0 ]] || user='user root;'
  certificate_for good IP:127.0.0.1
  certificate_for expired IP:127.0.0.1 20200101000000Z 20200201000000Z
  certificate_for early IP:127.0.0.1 20490101000000Z 20490201000000Z
  certificate_for other DNS:elsewhere.example
  cat good.pem expired.pem early.pem other.pem >trusted.pem
  printf '%s\n' "$user daemon off; master_process off; pid nginx.pid; error_log stderr notice;" \
    'events { worker_connections 64; }' 'http { access_log off;' \
    'client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4;' \
    'scgi_temp_path t5;'
  for name in plain good expired early other; do
    if [[ $name == plain ]]; then
      echo "server { listen 127.0.0.1:$port;"
    else
      echo "server { listen 127.0.0.1:$port ssl; ssl_certificate $name.pem;" \
        "ssl_certificate_key $name.key;"
    fi
    cat <<'EOF'
      location / { return 200 "hello"; }
      location /204 { return 204; }
      location /denied { return 401; }
      location /busy { add_header Retry-After 30 always; return 429; }
      location /broken { return 500; }
      location /login { return 511; }
      location /moved { return 302 http://127.0.0.2/login; }
    }
EOF
    port=$((port + 1))
  done
  echo '}'
}

# tls NAME PATH: the URL of the server with that certificate.
tls() {
  local -A offsets=([good]=1 [expired]=2 [early]=3 [other]=4)
  echo "https://127.0.0.1:$((${url##*:} + offsets[$1]))$2"
}

# outcomes ARGUMENT...: of netwatch probe, a line each: outcome and status.
outcomes() { netwatch probe --json "$@" | jq -r '"\(.outcome) \(.status // "-")"'; }

@test "probe tells over https what the API says and how long each step takes" {
  start_nginx
  export CURL_CA_BUNDLE=$PWD/trusted.pem
  netwatch probe --json "$(tls good /health)" >answer
  jq -e '.kind == "api" and .ok and .outcome == "answered" and .status == 200 and
         .address == "127.0.0.1" and .family == "v4" and .connect_ms > 0 and .tls_ms > 0 and
         .first_byte_ms > 0 and .ms >= .tls_ms and .bytes > 1000 and .bytes < 8000 and
         (.date | startswith("20"))' answer
}

@test "any status below 500 but 511 is an answer, and the exit code says whether all answered" {
  start_nginx
  export CURL_CA_BUNDLE=$PWD/trusted.pem
  run -0 outcomes "$(tls good /denied)" "$(tls good /busy)" "$(tls good /moved)" "$(tls good /204)"
  [ "$output" = $'turned-away 401\nthrottled 429\nanswered 302\nanswered 204' ]
  netwatch probe --json "$(tls good /busy)" | jq -e '.retry_after_ms == 30000'
  run outcomes "$(tls good /broken)" "$(tls good /login)"
  [ "$output" = $'server-error 500\nwrong-answer 511' ]
  run -0 netwatch probe "$(tls good /denied)"
  run -1 netwatch probe "$(tls good /204)" "$(tls good /broken)"
}

@test "certificates that do not hold are told apart" {
  start_nginx
  export CURL_CA_BUNDLE=$PWD/trusted.pem
  run outcomes "$(tls expired /)" "$(tls early /)" "$(tls other /)"
  [ "$output" = $'certificate-time -\ncertificate-time -\ntls -' ]
  run -1 netwatch probe "$(tls expired /)" "$(tls early /)"
  [[ $output == *'the certificate has expired'*'the certificate is not valid yet'* ]]
  # The state says that it is the certificate, or the clock.
  local name
  for name in expired early; do
    NETWATCH_BASIC="tcp://${url#http://}" NETWATCH_CHECK=$(tls "$name" /) NETWATCH_PASSIVE=false \
      run -1 netwatch check --max-age 0s
    [[ $output =~ ^'limited ('(clock-skew|api-tls)')'.*'the certificate '(has expired|is not valid yet) ]]
  done
  CURL_CA_BUNDLE=$PWD/other.pem run outcomes "$(tls good /)"
  [ "$output" = 'tls -' ]
}

@test "probe asks plain endpoints too, and prints a table" {
  start_nginx
  run -0 netwatch probe "127.0.0.1:${url##*:}" "$url/204" "tcp://127.0.0.1:${url##*:}"
  [[ ${lines[0]} =~ ^ENDPOINT\ +RESULT\ +DNS\ +CONNECT\ +TLS\ +FIRST\ BYTE\ +TOTAL\ +BYTES ]]
  [[ ${lines[1]} == "127.0.0.1:${url##*:} "*answered*' ms '*280* ]]
  [[ ${lines[2]} == "$url/204 "*'HTTP 204'* ]]
  [ "${#lines[@]}" -eq 4 ]
}

@test "probe says of a port that refuses and of one that is silent what it is" {
  hold_port
  run outcomes "127.0.0.1:$port" "https://127.0.0.1:$port/"
  [ "$output" = $'refused -\nrefused -' ]
  start_faulty never-answer
  run outcomes --timeout 300ms "$url/" "https${url#http}/"
  [ "$output" = $'timeout -\ntimeout -' ]
}

@test "probe needs endpoints that it understands, and its helper for https" {
  fails 2 netwatch probe
  fails 2 netwatch probe gopher://x
  says 'tcp://HOST:PORT'
  # What is wrong, and what a right one looks like.
  local wrong right
  while read -r wrong right; do
    fails 2 netwatch probe "$wrong"
    says "$right"
  done <<'END'
localhost it needs a port: write it as tcp://192.0.2.1:443
::1:443 tcp://[2001:db8::1]:443
tcp://192.0.2.1:https not a port
tcp://192.0.2.1:1/path nothing goes behind it: write it as tcp://
dns://resolver named by its address: write it as dns://192.0.2.53
dns://192.0.2.53?nome=x behind '?' goes name=NAME: write it as dns://192.0.2.53 or dns://192.0.2.53?name=example.org
http:///path it has no host: write it as http://example.org/path
http://192.0.2.1/#state=1 write it as http://example.org/path or http://example.org/path#status=204
https:// 'https://': URL refused: it has no host: write it as https://api.example.com/health
https://me:secret@192.0.2.1/ it names a user
END
  fails 2 netwatch probe --timeout 0 localhost:1
  OFFKIT_LIBEXEC=/nothing fails 69 netwatch probe https://127.0.0.1/
  says 'not installed'
}
