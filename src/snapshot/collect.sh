#!/usr/bin/env bash
# Collects from Azure what azreach reads. Read-only: every request is a GET or a Resource Graph
# query. Needs the Azure CLI, logged in (az login), and the Reader role; no jq, no extension.
# Writes raw JSON pages into a folder on this machine and sends nothing anywhere.
#
#   bash collect.sh [-o FOLDER] [-s SUBSCRIPTION]... [-r REGION]
#
#   -o FOLDER        where the pages go (default ./azreach-snapshot; must be empty or missing)
#   -s SUBSCRIPTION  only these subscription ids (default: every one that the login sees)
#   -r REGION        the region that is asked for the service tags of the whole cloud (westeurope)
#
# What could not be read stands in FOLDER/collection.json, where azreach finds it, and on stderr;
# the exit code is then 1. Not collected: effective routes and rules (they need more than Reader),
# what is written inside databases, and private DNS zone groups (the records themselves are read).
set -u -o pipefail
export MSYS_NO_PATHCONV=1 # Git Bash would rewrite "/subscriptions/..."

out=./azreach-snapshot region=westeurope subscriptions='' scope=''
while getopts 'o:s:r:h' option; do
    case $option in
        o) out=$OPTARG ;;
        s) subscriptions="$subscriptions${subscriptions:+, }\"$OPTARG\"" ;;
        r) region=$OPTARG ;;
        *) sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
    esac
done
[ -z "$subscriptions" ] || scope="\"subscriptions\": [$subscriptions], "
command -v az >/dev/null || { echo "collect: the Azure CLI (az) is not installed" >&2 && exit 2; }
if [ -n "$(ls -A "$out" 2>/dev/null)" ]; then
    echo "collect: $out is not empty; give an empty folder with -o" >&2
    exit 2
fi
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" || exit 2
login=$(az account show --query id -o tsv 2>"$work/error") ||
    { echo "collect: not logged in; run az login first" && cat "$work/error"; exit 2; } >&2

started=$(date -u +%Y-%m-%dT%H:%M:%SZ)
graph='/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01'
requests=0 number=0
: >"$work/failed"
: >"$work/ids"

say() { printf 'collect: %s\n' "$*" >&2; }

fail() { # WHAT: remembers that it could not be read, and why
    local why comma=''
    why=$(tr -s '\n\t\r ' ' ' <"$work/error" | tr -cd '\040-\176' | cut -c1-300)
    say "could not read $1: $why"
    why=$(printf '%s' "$why" | sed 's/\\/\\\\/g; s/"/\\"/g')
    [ ! -s "$work/failed" ] || comma=','
    printf '%s\n    {"what": "%s", "error": "%s"}' "$comma" "$1" "$why" >>"$work/failed"
}

get() { # FILE WHAT AZ-REST-ARGUMENTS...: one answer into FILE; waits and tries again when throttled
    local file=$1 what=$2 tries=1 pause=${AZREACH_PAUSE:-5}
    shift 2
    while ! az rest --only-show-errors "$@" -o json >"$work/answer" 2>"$work/error"; do
        if [ "$tries" -ge 6 ] || ! grep -qiE '(^|[^0-9a-f])(429|500|502|503|504)([^0-9a-f]|$)|too ?many ?requests|throttl|rate ?limit|timed? ?out|connection' "$work/error"; then
            fail "$what"
            return 1
        fi
        say "busy, next try in $pause s: $what"
        sleep "$pause"
        pause=$((pause * 2)) tries=$((tries + 1))
    done
    requests=$((requests + 1))
    mv "$work/answer" "$file"
}

query() { # NAME KQL: every page of a Resource Graph query
    local page=1 token='' next='' file
    while :; do
        file=$(printf '%s/%s-%04d.json' "$out" "$1" "$page")
        # shellcheck disable=SC2016  # "$top" is Azure's name, not a variable
        printf '{"query": "%s", %s"options": {"resultFormat": "objectArray", "$top": 1000%s}}\n' \
            "$2" "$scope" "$next" >"$work/query.json"
        get "$file" "Resource Graph: $1, page $page" --method post --url "$graph" \
            --body "@$work/query.json" || return 1
        sed -n 's/^      "id": "\(.*\)",\{0,1\}$/\1/p' "$file" >>"$work/ids"
        token=$(sed -n 's/^  "[$]skipToken": "\(.*\)",\{0,1\}$/\1/p' "$file")
        [ -n "$token" ] || break
        next=", \"\$skipToken\": \"$token\""
        page=$((page + 1))
    done
    say "$1: $page page(s)"
}

children() { # TYPE API-VERSION CHILD...: the lists of children of every resource of the type
    local type=$1 api=$2 parent child url page file
    shift 2
    grep -i "/providers/$type/[^/]*\$" "$work/ids" | sort -u >"$work/parents"
    while read -r parent; do
        for child in "$@"; do
            url="$parent/$child?api-version=$api" page=1
            while [ -n "$url" ]; do
                number=$((number + 1))
                file=$(printf '%s/%s-%05d.json' "$out" "$child" "$number")
                get "$work/list" "$parent/$child" --method get --url "$url" </dev/null || break
                # The list says whose it is, also when it is empty.
                printf '{"azreach": {"kind": "children", "of": "%s", "page": %d},\n' \
                    "$parent/$child" "$page" >"$file"
                sed '1s/^{//' "$work/list" >>"$file"
                url=$(sed -n 's/^  "nextLink": "\(.*\)",\{0,1\}$/\1/p' "$work/list")
                page=$((page + 1))
            done
        done
    done <"$work/parents"
}

columns='project id, name, type, location, resourceGroup, subscriptionId, tags, sku, kind, properties | order by id asc'
children_columns='project id, name, type, location, resourceGroup, subscriptionId, properties | order by id asc'
query containers "resourcecontainers | project id, name, type, location, tags, properties | order by id asc"
query resources "Resources | where not(type startswith 'microsoft.insights/' or type startswith 'microsoft.alertsmanagement/' or type startswith 'microsoft.portal/' or type startswith 'microsoft.compute/disks' or type startswith 'microsoft.compute/snapshots' or type startswith 'microsoft.compute/virtualmachines/') | $columns"
query network "networkresources | where not(type endswith '/snapshots') | $children_columns"
query instances "computeresources | $children_columns"
query records "dnsresources | where type startswith 'microsoft.network/privatednszones/' | $children_columns"
query sites "appserviceresources | where type contains '/config' | $children_columns"

# What Resource Graph does not hold.
children microsoft.network/virtualhubs 2024-05-01 \
    hubRouteTables hubVirtualNetworkConnections routingIntent bgpConnections ipConfigurations
children microsoft.network/dnsforwardingrulesets 2022-07-01 forwardingRules virtualNetworkLinks
children microsoft.sql/servers 2021-11-01 \
    firewallRules ipv6FirewallRules virtualNetworkRules outboundFirewallRules connectionPolicies
children microsoft.dbforpostgresql/flexibleservers 2022-12-01 firewallRules
children microsoft.dbformysql/flexibleservers 2021-05-01 firewallRules
children microsoft.cache/redis 2023-08-01 firewallRules
children microsoft.synapse/workspaces 2021-06-01 firewallRules
children microsoft.eventhub/namespaces 2021-11-01 networkRuleSets
children microsoft.servicebus/namespaces 2021-11-01 networkRuleSets
get "$out/servicetags.json" "the service tags of $region" --method get --url \
    "/subscriptions/$login/providers/Microsoft.Network/locations/$region/serviceTags?api-version=2024-05-01"

failures=$(grep -c '"what"' "$work/failed")
cat >"$out/collection.json" <<END
{
  "azreach": {"kind": "collection", "script": "@AZREACH_VERSION@"},
  "collectedAt": "$started",
  "finishedAt": "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
  "subscriptions": [$subscriptions],
  "failed": [$(cat "$work/failed")
  ]
}
END
say "$requests answers in $out, $failures could not be read"
say "next: azreach snapshot pack $out --to network.azr.json.zst"
[ "$failures" -eq 0 ]
