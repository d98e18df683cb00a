# Collects from Azure what azreach reads. Read-only: every request is a GET or a Resource Graph
# query. Needs the module Az.Accounts, logged in (Connect-AzAccount), and the Reader role. Writes
# raw JSON pages into a folder on this machine and sends nothing anywhere.
#
#   ./collect.ps1 [-Out FOLDER] [-Subscription ID,...] [-Region REGION]
#
# NOT RUN BY ITS AUTHORS: this form is written after the bash form, which is tested; no PowerShell
# was at hand. Read it before you use it, and prefer the bash form (Azure Cloud Shell has both).
#
# What could not be read stands in FOLDER/collection.json, where azreach finds it, and on stderr;
# the exit code is then 1.
param(
    [string]$Out = './azreach-snapshot',
    [string[]]$Subscription = @(),
    [string]$Region = 'westeurope'
)
$ErrorActionPreference = 'Stop'
if ((Test-Path $Out) -and (Get-ChildItem $Out)) { Write-Error "$Out is not empty"; exit 2 }
$login = (Get-AzContext).Subscription.Id
if (-not $login) { Write-Error 'not logged in; run Connect-AzAccount first'; exit 2 }
$folder = (New-Item -ItemType Directory -Force $Out).FullName
$started = (Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
$failed = New-Object System.Collections.ArrayList
$ids = New-Object System.Collections.ArrayList
$script:number = 0
$utf8 = New-Object System.Text.UTF8Encoding $false

function Save([string]$name, [string]$text) {
    [System.IO.File]::WriteAllText((Join-Path $folder $name), $text, $utf8)
}

# The text of one answer, or $null; waits and tries again when throttled.
function Get-Answer([string]$what, [hashtable]$request) {
    $pause = 5
    for ($try = 1; ; $try++) {
        $status = 0; $why = ''
        try {
            $answer = Invoke-AzRestMethod @request
            $status = [int]$answer.StatusCode
            if ($status -eq 200) { return $answer.Content }
            $why = "$status $($answer.Content)"
        } catch { $why = $_.Exception.Message }
        $busy = $status -in 429, 500, 502, 503, 504 -or $why -match 'timed? ?out|connection|throttl'
        if (-not $busy -or $try -ge 6) {
            if ($why.Length -gt 300) { $why = $why.Substring(0, 300) }
            [void]$failed.Add([ordered]@{ what = $what; error = $why })
            [Console]::Error.WriteLine("collect: could not read ${what}: $why")
            return $null
        }
        [Console]::Error.WriteLine("collect: busy, next try in $pause s: $what")
        Start-Sleep -Seconds $pause
        $pause *= 2
    }
}

# Every page of a Resource Graph query.
function Save-Query([string]$name, [string]$kql) {
    $token = $null
    for ($page = 1; ; $page++) {
        $options = @{ resultFormat = 'objectArray'; '$top' = 1000 }
        if ($token) { $options['$skipToken'] = $token }
        $body = @{ query = $kql; options = $options }
        if ($Subscription) { $body.subscriptions = @($Subscription) }
        $text = Get-Answer "Resource Graph: $name, page $page" @{
            Method = 'POST'
            Path = '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01'
            Payload = ($body | ConvertTo-Json -Depth 5)
        }
        if ($null -eq $text) { return }
        Save ('{0}-{1:d4}.json' -f $name, $page) $text
        $answer = $text | ConvertFrom-Json
        foreach ($row in $answer.data) { [void]$ids.Add($row.id) }
        $token = $answer.'$skipToken'
        if (-not $token) { return }
    }
}

# The lists of children of every resource of the type; each list says whose it is, also when empty.
function Save-Children([string]$type, [string]$api, [string[]]$children) {
    $pattern = '/providers/' + [regex]::Escape($type) + '/[^/]*$'
    foreach ($parent in ($ids | Where-Object { $_ -match $pattern } | Sort-Object -Unique)) {
        foreach ($child in $children) {
            $path = "$parent/${child}?api-version=$api"
            for ($page = 1; $path; $page++) {
                $text = Get-Answer "$parent/$child" @{ Method = 'GET'; Path = $path }
                if ($null -eq $text) { break }
                $script:number++
                $mark = '{"azreach": {"kind": "children", "of": "' + "$parent/$child" +
                    '", "page": ' + $page + '},'
                Save ('{0}-{1:d5}.json' -f $child, $script:number) ($mark + $text.TrimStart().Substring(1))
                $link = ($text | ConvertFrom-Json).nextLink
                $path = if ($link) { ([uri]$link).PathAndQuery } else { $null }
            }
        }
    }
}

$columns = 'project id, name, type, location, resourceGroup, subscriptionId, tags, sku, kind, properties | order by id asc'
$childColumns = 'project id, name, type, location, resourceGroup, subscriptionId, properties | order by id asc'
Save-Query containers 'resourcecontainers | project id, name, type, location, tags, properties | order by id asc'
Save-Query resources "Resources | where not(type startswith 'microsoft.insights/' or type startswith 'microsoft.alertsmanagement/' or type startswith 'microsoft.portal/' or type startswith 'microsoft.compute/disks' or type startswith 'microsoft.compute/snapshots' or type startswith 'microsoft.compute/virtualmachines/') | $columns"
Save-Query network "networkresources | where not(type endswith '/snapshots') | $childColumns"
Save-Query instances "computeresources | $childColumns"
Save-Query records "dnsresources | where type startswith 'microsoft.network/privatednszones/' | $childColumns"
Save-Query sites "appserviceresources | where type contains '/config' | $childColumns"

# What Resource Graph does not hold.
Save-Children 'microsoft.network/virtualhubs' 2024-05-01 hubRouteTables, hubVirtualNetworkConnections, routingIntent, bgpConnections, ipConfigurations
Save-Children 'microsoft.network/dnsforwardingrulesets' 2022-07-01 forwardingRules, virtualNetworkLinks
Save-Children 'microsoft.sql/servers' 2021-11-01 firewallRules, ipv6FirewallRules, virtualNetworkRules, outboundFirewallRules, connectionPolicies
Save-Children 'microsoft.dbforpostgresql/flexibleservers' 2022-12-01 firewallRules
Save-Children 'microsoft.dbformysql/flexibleservers' 2021-05-01 firewallRules
Save-Children 'microsoft.cache/redis' 2023-08-01 firewallRules
Save-Children 'microsoft.synapse/workspaces' 2021-06-01 firewallRules
Save-Children 'microsoft.eventhub/namespaces' 2021-11-01 networkRuleSets
Save-Children 'microsoft.servicebus/namespaces' 2021-11-01 networkRuleSets
$tags = Get-Answer "the service tags of $Region" @{
    Method = 'GET'
    Path = "/subscriptions/$login/providers/Microsoft.Network/locations/$Region/serviceTags?api-version=2024-05-01"
}
if ($tags) { Save 'servicetags.json' $tags }

Save 'collection.json' ([ordered]@{
        azreach = @{ kind = 'collection'; script = '@AZREACH_VERSION@' }
        collectedAt = $started
        finishedAt = (Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
        subscriptions = @($Subscription)
        failed = @($failed)
    } | ConvertTo-Json -Depth 5)
[Console]::Error.WriteLine("collect: done, $($failed.Count) could not be read")
[Console]::Error.WriteLine("collect: next: azreach snapshot pack $Out --to network.azr.json.zst")
exit [int]($failed.Count -gt 0)
