# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# The servers that operations are sent to; sourced by run.sh, whose clean_up ends them.

servers=()

is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 12000))
    is_open "$port" || { echo "$port" && return; }
  done
  die 'no free port between 20000 and 32000'
}

# Answers 200 to everything. A body for /stored/ is kept on disk (PUT), every other one is dropped;
# what goes to /timed is noted in nginx/times: when it came, and its key.
port=
start_nginx() {
  [[ -z $port ]] || return 0
  port=$(free_port)
  mkdir nginx nginx/stored
  local user='' kind
  ((EUID != 0)) || user='user root;'
  {
    echo "$user worker_processes 1; daemon off; pid $work/nginx/pid; error_log $work/nginx/log;"
    echo 'events { worker_connections 1024; } http { access_log off;'
    echo 'keepalive_requests 1000000000; keepalive_time 1d; client_max_body_size 0;'
    echo "log_format times '\$msec \$http_idempotency_key';"
    for kind in client_body proxy fastcgi uwsgi scgi; do
      echo "${kind}_temp_path $work/nginx/$kind;"
    done
    echo "server { listen 127.0.0.1:$port; location / { return 200; }"
    echo "location /timed { access_log $work/nginx/times times; return 200; }"
    echo "location /stored/ { root $work/nginx; dav_methods PUT; } } }"
  } >nginx/conf
  nginx -c "$work/nginx/conf" -e "$work/nginx/log" >nginx/output 2>&1 &
  servers+=("$!")
  for _ in {1..100}; do
    is_open "$port" && break
    sleep 0.05
  done
  is_open "$port" || die "nginx does not listen: $(cat nginx/output nginx/log)"
  export SERVER=http://127.0.0.1:$port
  export URL=$SERVER/metrics
}

end_servers() {
  local server
  for server in "${servers[@]}"; do
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  done
}
