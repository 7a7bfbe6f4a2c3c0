# What a Session Manager session can really do on this Windows machine, as one JSON document on stdout.
#
# Read-only: it writes no file and no registry value, opens no connection (the resolver is asked for six names) and never
# runs what it reads. Base system only; Windows PowerShell 3.0 to 5.1, and PowerShell 7. Run it as SYSTEM or
# administrator, else part of it is unknown. Pure ASCII, at most 23,000 bytes. {"unknown": "..."} is what was not learnt.

# The OS users that sessions run as. Put further users here too.
$SsmHardenUsers = @('ssm-user')

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

# --- JSON: every function here that answers returns one string, which is JSON -------------------------------------

function ConvertTo-JsonText([string]$Text) {
    $short = $Text.Replace('\', '\\').Replace('"', '\"').Replace("`r", '\r').Replace("`n", '\n').Replace("`t", '\t')
    return '"' + [regex]::Replace($short, '[^ -~]', { '\u{0:x4}' -f [int][char]$args[0].Value }) + '"'
}

function ConvertTo-JsonFlag([bool]$Flag) {
    if ($Flag) { return 'true' }
    return 'false'
}

# Windows gives its reasons in its own language, whose letters may be six bytes each here.
function Get-Unknown([string]$Reason) {
    $text = ConvertTo-JsonText ($Reason.Substring(0, [Math]::Min(200, $Reason.Length)))
    if ($text.Length -gt 300) { $text = ConvertTo-JsonText ($Reason.Substring(0, 50)) }
    return '{"unknown": ' + $text + '}'
}

function ConvertTo-JsonObject([System.Collections.IDictionary]$Members) {
    $parts = foreach ($key in $Members.Keys) { '"' + $key + '": ' + $Members[$key] }
    return '{' + (@($parts) -join ', ') + '}'
}

# Items that are JSON already. The list ends, and says so, before an item that is too many or too long.
function ConvertTo-JsonList([string[]]$Items, [int]$Most, [int]$Bytes, [string]$Reason = '') {
    $all = @($Items | Where-Object { -not [string]::IsNullOrEmpty($_) })
    $kept = @()
    $size = 0
    foreach ($item in $all) {
        $size += $item.Length + 2
        if (($kept.Count -ge $Most) -or ($size -gt $Bytes)) { break }
        $kept += $item
    }
    if ($kept.Count -lt $all.Count) {
        $listed = "$($kept.Count) of $($all.Count) are listed"
        if ($Reason -eq '') { $Reason = $listed } else { $Reason = "$listed; $Reason" }
    }
    $more = 'null'
    if ($Reason -ne '') { $more = ConvertTo-JsonText $Reason }
    return '{"items": [' + ($kept -join ', ') + '], "more": ' + $more + '}'
}

# What the block answers; what it throws, or anything but one answer, is unknown.
function Get-Answer([scriptblock]$AnswerBlock) {
    try {
        $answers = @(& $AnswerBlock)
    } catch {
        return Get-Unknown ($_.Exception.GetBaseException().Message)
    }
    if ($answers.Count -ne 1) { return Get-Unknown "the probe got $($answers.Count) answers where there should be one" }
    return [string]$answers[0]
}

# --- Helpers --------------------------------------------------------------------------------------------------------

# A value of the 64-bit registry; nothing where the key or the value is not there.
function Get-MachineValue([string]$Path, [string]$Name) {
    $view = [Microsoft.Win32.RegistryView]::Registry64
    $hive = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]::LocalMachine, $view)
    $key = $hive.OpenSubKey($Path)
    if ($null -eq $key) { return $null }
    return $key.GetValue($Name)
}

function Get-Cim([string]$Class, [string]$Filter) {
    if ($Filter -eq '') { return Get-CimInstance -ClassName $Class -OperationTimeoutSec 10 }
    return Get-CimInstance -ClassName $Class -Filter $Filter -OperationTimeoutSec 10
}

# At most so many bytes and one more, of a file that others may be writing.
function Get-FileText([string]$Path, [int]$Most) {
    $stream = [System.IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite')
    try {
        $buffer = [byte[]](, 0 * ($Most + 1))
        $count = $stream.Read($buffer, 0, $buffer.Length)
    } finally {
        $stream.Close()
    }
    if ($count -gt $Most) { throw "it is longer than $Most bytes" }
    return [System.Text.Encoding]::UTF8.GetString($buffer, 0, $count)
}

function Get-SidText([byte[]]$Bytes) {
    $authority = [long]0
    foreach ($byte in $Bytes[2..7]) { $authority = $authority * 256 + $byte }
    $parts = @('S', $Bytes[0], $authority)
    for ($index = 0; $index -lt $Bytes[1]; $index++) { $parts += [System.BitConverter]::ToUInt32($Bytes, 8 + 4 * $index) }
    return $parts -join '-'
}

# The account's name in the machine's language; the SID where nobody has it any more.
function Get-AccountName([string]$Sid) {
    try {
        return ([System.Security.Principal.SecurityIdentifier]$Sid).Translate([System.Security.Principal.NTAccount]).Value
    } catch [System.Security.Principal.IdentityNotMappedException] {
        return $Sid
    }
}

function Test-Elevated {
    $principal = [System.Security.Principal.WindowsPrincipal][System.Security.Principal.WindowsIdentity]::GetCurrent()
    return $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
}

# Where the agent is, for 32-bit processes too.
$Programs = $env:ProgramW6432
if ([string]::IsNullOrEmpty($Programs)) { $Programs = $env:ProgramFiles }
$AgentFolder = "$Programs\Amazon\SSM"
$DataFolder = "$env:ProgramData\Amazon\SSM\InstanceData"
$Clock = [System.Diagnostics.Stopwatch]::StartNew()

# --- The node -------------------------------------------------------------------------------------------------------

# What the agent wrote when it was registered by an activation: the id and Region of a hybrid node.
function Get-Registered([string]$Pattern) {
    $path = "$DataFolder\registration"
    if (-not [System.IO.File]::Exists($path)) { return '' }
    return [regex]::Match((Get-FileText $path 4096), $Pattern).Groups[1].Value
}

# What Run Command says, else the registration, else the only folder that the agent made for itself.
function Get-NodeId {
    $form = '^m?i-[0-9a-f]{8,17}$'
    if ($env:AWS_SSM_INSTANCE_ID -cmatch $form) { return ConvertTo-JsonText $env:AWS_SSM_INSTANCE_ID }
    $registered = Get-Registered '"ManagedInstanceID"\s*:\s*"([^"]*)"'
    if ($registered -cmatch $form) { return ConvertTo-JsonText $registered }
    $folders = @([System.IO.Directory]::GetDirectories($DataFolder) | Split-Path -Leaf)
    $ids = @($folders | Where-Object { $_ -cmatch $form } | Select-Object -First 6)
    if ($ids.Count -eq 1) { return ConvertTo-JsonText ($ids[0]) }
    if ($ids.Count -eq 0) { return Get-Unknown 'the agent does not say it' }
    return Get-Unknown "the agent has folders of several ids: $($ids -join ' ')"
}

function Get-Region {
    $form = '^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$'
    if ($env:AWS_SSM_REGION_NAME -cmatch $form) { return $env:AWS_SSM_REGION_NAME }
    $found = @(Get-Registered '"Region"\s*:\s*"([^"]*)"')
    foreach ($interface in [System.Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces()) {
        $suffix = $interface.GetIPProperties().DnsSuffix
        if ($suffix -eq 'ec2.internal') { $found += 'us-east-1' }
        $found += $suffix -replace '\.compute\.internal$', ''
    }
    return $found | Where-Object { $_ -cmatch $form } | Select-Object -First 1
}

function Get-Node {
    return ConvertTo-JsonObject ([ordered]@{
        id = Get-Answer { Get-NodeId }
        hostname = Get-Answer { ConvertTo-JsonText ([System.Environment]::MachineName) }
        os = Get-Answer { ConvertTo-JsonText ((Get-Cim 'Win32_OperatingSystem' '').Caption.Trim()) }
    })
}

function Get-Domain {
    switch ((Get-Cim 'Win32_ComputerSystem' '').DomainRole) {
        0 { return '"workgroup"' }
        1 { return '"member"' }
        2 { return '"workgroup"' }
        3 { return '"member"' }
        4 { return '"controller"' }
        5 { return '"controller"' }
        default { return Get-Unknown 'Win32_ComputerSystem says a role that is not known' }
    }
}

# --- The agent ------------------------------------------------------------------------------------------------------

function Get-AgentProgram {
    $command = [string](Get-MachineValue 'SYSTEM\CurrentControlSet\Services\AmazonSSMAgent' 'ImagePath')
    if ($command -match '^\s*"?([^"]+?\.exe)') { return [System.Environment]::ExpandEnvironmentVariables($Matches[1]) }
    return "$AgentFolder\amazon-ssm-agent.exe"
}

function Get-AgentVersion {
    $program = Get-AgentProgram
    if (-not [System.IO.File]::Exists($program)) {
        if ($null -eq (Get-MachineValue 'SYSTEM\CurrentControlSet\Services\AmazonSSMAgent' 'ImagePath')) { return 'null' }
        return Get-Unknown "the service's program $program is not there, or may not be seen"
    }
    $said = [System.Diagnostics.FileVersionInfo]::GetVersionInfo($program)
    foreach ($text in @($said.ProductVersion, $said.FileVersion)) {
        $found = [regex]::Match([string]$text, '[1-9][0-9]*(\.[0-9]+){1,3}')
        if ($found.Success) { return ConvertTo-JsonText ($found.Value) }
    }
    return Get-Unknown "$program does not say its version"
}

# Rights to change the file or who may change it; of its folder, those to put another file in its place.
$FileRights = 0x500D0006
$FolderRights = 0x500C0040
$Trusted = @(
    'S-1-5-18',
    'S-1-5-32-544',
    'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464'
)

# SIDs besides SYSTEM, Administrators and TrustedInstaller; an owner may always give rights to himself.
function Get-Writers([string]$Path, [long]$Rights) {
    $acl = Get-Acl -LiteralPath $Path
    $found = @($acl.GetOwner([System.Security.Principal.SecurityIdentifier]).Value)
    foreach ($rule in $acl.GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier])) {
        $here = ($rule.PropagationFlags -band [System.Security.AccessControl.PropagationFlags]::InheritOnly) -eq 0
        $may = ([long]$rule.FileSystemRights -band $Rights) -ne 0
        if ($here -and $may -and ($rule.AccessControlType -eq 'Allow')) { $found += $rule.IdentityReference.Value }
    }
    return $found | Where-Object { $Trusted -notcontains $_ }
}

# By SID where it is one of the trusted, whose names differ from language to language.
function Get-OwnerName([string]$Path) {
    $sid = (Get-Acl -LiteralPath $Path).GetOwner([System.Security.Principal.SecurityIdentifier]).Value
    if ($Trusted -contains $sid) { return $sid }
    return Get-AccountName $sid
}

function Get-ConfigWriters([string]$Path) {
    $sids = @(Get-Writers $Path $FileRights) + @(Get-Writers $AgentFolder $FolderRights)
    $names = @($sids | Sort-Object -Unique | ForEach-Object { ConvertTo-JsonText (Get-AccountName $_) })
    return ConvertTo-JsonList $names 12 700
}

function Get-ConfigContent([string]$Path) {
    $content = ConvertTo-JsonText (Get-FileText $Path 8192)
    if ($content.Length -gt 8800) { return Get-Unknown 'it is longer than 8 KB' }
    return $content
}

function Get-AgentConfig {
    $path = "$AgentFolder\amazon-ssm-agent.json"
    if ([System.IO.Directory]::Exists($AgentFolder)) {
        # Exists says no where it may not look; this throws then.
        $files = @([System.IO.Directory]::GetFileSystemEntries($AgentFolder, 'amazon-ssm-agent.json'))
        if ($files.Count -eq 0) { return 'null' }
    } elseif (Test-Elevated) {
        return 'null'
    } else {
        return Get-Unknown "$AgentFolder is not there, or may not be seen"
    }
    return ConvertTo-JsonObject ([ordered]@{
        path = ConvertTo-JsonText $path
        owner = Get-Answer { ConvertTo-JsonText (Get-OwnerName $path) }
        mode = 'null'
        writers = Get-Answer { Get-ConfigWriters $path }
        content = Get-Answer { Get-ConfigContent $path }
    })
}

function Get-Agent([string]$Config) {
    $service = { Get-Cim 'Win32_Service' "Name = 'AmazonSSMAgent'" }
    return ConvertTo-JsonObject ([ordered]@{
        version = Get-Answer { Get-AgentVersion }
        service = Get-Answer {
            $found = & $service
            if ($null -eq $found) { 'null' } else { ConvertTo-JsonText ($found.State.ToLowerInvariant()) }
        }
        autostart = Get-Answer {
            $found = & $service
            if ($null -eq $found) { 'null' } else { ConvertTo-JsonFlag ($found.StartMode -eq 'Auto') }
        }
        config = $Config
    })
}

# --- Users and administrators ---------------------------------------------------------------------------------------

# WinNT://DOMAIN/HOST/name, WinNT://DOMAIN/name, or WinNT://S-1-... of somebody who is gone.
function Get-PathName([string]$Path, [bool]$Whole) {
    $parts = @(($Path -replace '^WinNT://', '').Split('/'))
    if ((-not $Whole) -or ($parts.Count -eq 1)) { return $parts[-1] }
    $authority = $parts[-2]
    if ($authority -eq '.') { $authority = [System.Environment]::MachineName }
    return "$authority\$($parts[-1])"
}

# NERR_UserNotFound, as COM says it.
$UserNotFound = -2147022675

# Nothing where there is no such user. On a domain controller these are the domain's.
function Find-User([string]$User) {
    $entry = [ADSI]"WinNT://./$User,user"
    try {
        $entry.psbase.RefreshCache()
    } catch {
        $cause = $_.Exception.GetBaseException()
        if ($cause -isnot [System.Runtime.InteropServices.COMException]) { throw }
        if ($cause.ErrorCode -ne $UserNotFound) { throw }
        return $null
    }
    return $entry
}

# Everyone, Authenticated Users, Local account: no list of a user's groups has them, and they may be administrators.
$Everybody = @('S-1-1-0', 'S-1-5-11', 'S-1-5-113')

function Get-UserGroups([string]$User) {
    $entry = Find-User $User
    if ($null -eq $entry) { return 'null' }
    $names = @(foreach ($group in $entry.psbase.Invoke('Groups')) { Get-PathName (([ADSI]$group).psbase.Path) $false })
    $names += @(foreach ($sid in $Everybody) { (Get-AccountName $sid).Split('\')[-1] })
    $texts = @($names | Sort-Object -Unique | ForEach-Object { ConvertTo-JsonText $_ })
    return ConvertTo-JsonList $texts 24 500
}

function Get-Identity([string]$User) {
    return ConvertTo-JsonObject ([ordered]@{
        name = ConvertTo-JsonText $User
        exists = Get-Answer { ConvertTo-JsonFlag ($null -ne (Find-User $User)) }
        uid = 'null'
        gid = 'null'
        groups = Get-Answer { Get-UserGroups $User }
        sudo = 'null'
    })
}

function Get-Identities {
    $items = @($SsmHardenUsers | Select-Object -First 6 | ForEach-Object { Get-Identity $_ })
    $reason = ''
    if ($SsmHardenUsers.Count -gt 6) { $reason = 'only six users are looked at' }
    return ConvertTo-JsonList $items 6 4500 $reason
}

# A domain that does not answer costs time for each of its accounts: after 30 seconds no more SIDs are asked for.
function Get-Administrator($Entry) {
    $name = Get-PathName ($Entry.psbase.Path) $true
    $sid = Get-Answer {
        if ($name -match '^S-1-[0-9-]+$') { return ConvertTo-JsonText $name }
        if ($Clock.Elapsed.TotalSeconds -gt 30) { return Get-Unknown 'asking for SIDs took too long' }
        ConvertTo-JsonText (Get-SidText ([byte[]]$Entry.psbase.Properties['objectSid'].Value))
    }
    return ConvertTo-JsonObject ([ordered]@{ name = ConvertTo-JsonText $name; sid = $sid })
}

# By its SID: the group has another name in each language. Users of sessions come first, should the list be cut.
function Get-Administrators {
    $name = (Get-AccountName 'S-1-5-32-544').Split('\')[-1]
    $members = Get-Answer {
        $group = [ADSI]"WinNT://./$name,group"
        $entries = @(foreach ($member in $group.psbase.Invoke('Members')) { [ADSI]$member })
        $first = { $SsmHardenUsers -notcontains (Get-PathName ($_.psbase.Path) $false) }
        $items = @($entries | Sort-Object -Property $first | ForEach-Object { Get-Administrator $_ })
        ConvertTo-JsonList $items 40 5000
    }
    return ConvertTo-JsonObject ([ordered]@{ name = ConvertTo-JsonText $name; members = $members })
}

# --- What the agent talks to ----------------------------------------------------------------------------------------

function Get-AgentProcesses {
    $found = @{}
    foreach ($process in Get-Process) {
        if (@('amazon-ssm-agent', 'ssm-agent-worker', 'ssm-session-worker') -contains $process.ProcessName) {
            $found[[int]$process.Id] = $process.ProcessName
        }
    }
    return $found
}

# Windows before 2012 has no cmdlet for it. netstat says the states in the machine's language, so .NET says them.
function Get-NetstatConnections {
    $open = [System.Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpConnections()
    $established = @(foreach ($each in $open) {
        if ($each.State -eq 'Established') { "$($each.LocalEndPoint) $($each.RemoteEndPoint)" }
    })
    $lines = @(& "$env:SystemRoot\System32\netstat.exe" -ano)
    foreach ($line in $lines) {
        $parts = @($line.Trim() -split '\s+')
        if (($parts.Count -ne 5) -or ($established -notcontains "$($parts[1]) $($parts[2])")) { continue }
        $colon = $parts[2].LastIndexOf(':')
        $peer = $parts[2].Substring(0, $colon) -replace '[\[\]]', ''
        @{ Owner = [int]$parts[4]; Peer = $peer; Port = [int]$parts[2].Substring($colon + 1) }
    }
}

function Get-EstablishedConnections {
    if ($null -eq (Get-Command -Name Get-NetTCPConnection -ErrorAction SilentlyContinue)) { return Get-NetstatConnections }
    foreach ($each in Get-NetTCPConnection) {
        if ([string]$each.State -ne 'Established') { continue }
        @{ Owner = [int]$each.OwningProcess; Peer = [string]$each.RemoteAddress; Port = [int]$each.RemotePort }
    }
}

function Get-Connections {
    $processes = Get-AgentProcesses
    $items = @(foreach ($each in @(Get-EstablishedConnections)) {
        if (-not $processes.ContainsKey($each.Owner)) { continue }
        ConvertTo-JsonObject ([ordered]@{
            process = ConvertTo-JsonText ($processes[$each.Owner])
            peer = ConvertTo-JsonText ($each.Peer)
            port = [string]$each.Port
        })
    })
    return ConvertTo-JsonList @($items | Sort-Object -Unique) 16 1600
}

function Get-Addresses([string]$Name) {
    $asked = [System.Net.Dns]::BeginGetHostAddresses($Name, $null, $null)
    if (-not $asked.AsyncWaitHandle.WaitOne(3000)) { throw 'the resolver did not answer in 3 seconds' }
    try {
        $found = [System.Net.Dns]::EndGetHostAddresses($asked)
    } catch {
        $cause = $_.Exception.GetBaseException()
        if ($cause -isnot [System.Net.Sockets.SocketException]) { throw }
        if (@('HostNotFound', 'NoData') -notcontains [string]$cause.SocketErrorCode) { throw }
        $found = @()
    }
    $texts = @($found | ForEach-Object { ConvertTo-JsonText ($_.ToString()) } | Sort-Object -Unique)
    return ConvertTo-JsonList $texts 6 160
}

function Get-Names {
    $region = Get-Region
    if ([string]::IsNullOrEmpty($region)) { return Get-Unknown 'nothing here says in which Region this is' }
    $suffix = 'amazonaws.com'
    if ($region.StartsWith('cn-')) { $suffix = 'amazonaws.com.cn' }
    $slow = ''
    $items = @(foreach ($service in @('ssm', 'ssmmessages', 'ec2messages', 'kms', 'logs', 's3')) {
        $name = "$service.$region.$suffix"
        if ($slow -eq '') { $answer = Get-Answer { Get-Addresses $name } } else { $answer = $slow }
        if ($answer.Contains('did not answer')) { $slow = $answer }
        ConvertTo-JsonObject ([ordered]@{ name = ConvertTo-JsonText $name; addresses = $answer })
    })
    return ConvertTo-JsonList $items 6 2400
}

# --- PowerShell, and logs of sessions left on disk: how many and how old, never what is in them --------------------

# The one that sessions use is part of Windows; a PowerShell 7 beside it has other keys.
function Get-PowerShellVersion {
    foreach ($generation in @('3', '1')) {
        $found = Get-MachineValue "SOFTWARE\Microsoft\PowerShell\$generation\PowerShellEngine" 'PowerShellVersion'
        if ($null -ne $found) { return ConvertTo-JsonText $found }
    }
    return Get-Unknown 'the registry does not say it'
}

function Get-PowerShell {
    return ConvertTo-JsonObject ([ordered]@{
        version = Get-Answer { Get-PowerShellVersion }
        transcription = Get-Answer {
            $policy = Get-MachineValue 'SOFTWARE\Policies\Microsoft\Windows\PowerShell\Transcription' 'EnableTranscripting'
            ConvertTo-JsonFlag (($null -ne $policy) -and ([string]$policy -ne '0'))
        }
    })
}

function Get-SessionLogs {
    if (-not (Test-Elevated)) { throw 'the probe did not run as an administrator' }
    $files = 0
    $oldest = [System.DateTime]::UtcNow
    $started = $Clock.Elapsed.TotalSeconds
    $folders = @()
    if ([System.IO.Directory]::Exists($DataFolder)) { $folders = [System.IO.Directory]::GetDirectories($DataFolder) }
    foreach ($folder in $folders) {
        $logs = "$folder\session\orchestration"
        if (-not [System.IO.Directory]::Exists($logs)) { continue }
        foreach ($file in [System.IO.Directory]::EnumerateFiles($logs, '*', 'AllDirectories')) {
            $files++
            $took = $Clock.Elapsed.TotalSeconds - $started
            if (($files -gt 50000) -or ($took -gt 20)) { throw 'there are too many to count' }
            $written = [System.IO.File]::GetLastWriteTimeUtc($file)
            if ($written -lt $oldest) { $oldest = $written }
        }
    }
    $days = 'null'
    if ($files -gt 0) { $days = [string][int][Math]::Floor(([System.DateTime]::UtcNow - $oldest).TotalDays) }
    return '{"files": ' + $files + ', "oldest_days": ' + $days + '}'
}

# --- The document ---------------------------------------------------------------------------------------------------

function Get-Document([string]$Config, [string]$Administrators) {
    $elevated = Get-Answer { ConvertTo-JsonFlag (Test-Elevated) }
    $members = [ordered]@{
        schema = '"ssm-harden/host/1"'
        text = '"unicode"'
        probe = '{"platform": "windows", "elevated": ' + $elevated + ', "finished": true}'
        node = Get-Answer { Get-Node }
        agent = Get-Answer { Get-Agent $Config }
        identities = Get-Answer { Get-Identities }
        sudo_files = 'null'
        administrators = $Administrators
        domain = Get-Answer { Get-Domain }
        connections = Get-Answer { Get-Connections }
        names = Get-Answer { Get-Names }
        tools = 'null'
        powershell = Get-Answer { Get-PowerShell }
        session_logs = Get-Answer { Get-SessionLogs }
    }
    $parts = foreach ($key in $members.Keys) { '"' + $key + '": ' + $members[$key] }
    return '{' + ($parts -join ",`n") + '}'
}

$evidence = Get-Document (Get-Answer { Get-AgentConfig }) (Get-Answer { Get-Administrators })
# The parts are bounded so that they fit together; if they ever do not, the large ones go.
if ($evidence.Length -gt 22900) {
    $long = Get-Unknown 'the document became too long'
    $evidence = Get-Document $long $long
}
Write-Output $evidence
