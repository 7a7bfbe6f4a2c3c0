# The host baseline of a Windows node: ssm-user is no member of the local Administrators.
#
# Runs as SYSTEM or administrator, as often as wanted: a second run changes nothing. The group is found by its SID, so
# that it may have any name. Which member was removed is written to HKLM:\SOFTWARE\ssm-harden, where
# windows-rollback.ps1 finds it; only administrators write there.
#
# Environment
#   SSM_HARDEN_REMOVE_PRIVILEGES  true: the membership is removed; false (default): nothing is done
#
# Exit status: 0 all is as it should be, else
#   10  it could not start (not an administrator, a wrong setting, no cmdlets for local accounts); nothing was changed
#   11  the membership could not be removed
#   12  a person must look: a domain controller, or another group that is as good as Administrators

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$Administrators = 'S-1-5-32-544'
$User = 'ssm-user'
$State = 'HKLM:\SOFTWARE\ssm-harden'
# Backup Operators, Hyper-V Administrators, Power Users, Server Operators, Account Operators, Print Operators.
$Powerful = @('S-1-5-32-551', 'S-1-5-32-578', 'S-1-5-32-547', 'S-1-5-32-549', 'S-1-5-32-548', 'S-1-5-32-550')

function Stop-Baseline([int]$Status, [string]$Message) {
    Write-Output "ssm-harden: $Message"
    exit $Status
}

function Test-Elevated {
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object System.Security.Principal.WindowsPrincipal -ArgumentList $identity
    return $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
}

# 4 and 5 are the backup and the primary domain controller, which have no local accounts.
function Test-DomainController {
    $role = (Get-CimInstance -ClassName Win32_ComputerSystem).DomainRole
    return ($role -ge 4)
}

function Get-SessionUser {
    return (Get-LocalUser | Where-Object { $_.Name -eq $User })
}

function Save-Membership([string]$Sid) {
    if (-not (Test-Path -LiteralPath $State)) {
        New-Item -Path $State | Out-Null
    }
    New-ItemProperty -LiteralPath $State -Name 'Removed' -Value $Sid -PropertyType String -Force | Out-Null
}

# Only a member is written down: the rollback must make nobody an administrator who was none. It is written down before
# it goes, where that can be told; asking the group for its members fails where one of them is gone from its domain, so
# that the user is asked for its groups, and removing tells as well.
function Remove-Membership([string]$Sid, [bool]$Member) {
    if ($Member) {
        Save-Membership $Sid
    }
    try {
        Remove-LocalGroupMember -SID $Administrators -Member $Sid
    } catch {
        if ($_.FullyQualifiedErrorId -like 'MemberNotFound*') {
            return $false
        }
        throw
    }
    Save-Membership $Sid
    return $true
}

function Get-GroupSids {
    $account = [ADSI]"WinNT://./$User,user"
    foreach ($group in @($account.Invoke('Groups'))) {
        $bytes = $group.GetType().InvokeMember('objectSid', 'GetProperty', $null, $group, $null)
        (New-Object System.Security.Principal.SecurityIdentifier -ArgumentList @([byte[]]$bytes, 0)).Value
    }
}

if (@('true', 'false', '', $null) -cnotcontains $env:SSM_HARDEN_REMOVE_PRIVILEGES) {
    Stop-Baseline 10 'SSM_HARDEN_REMOVE_PRIVILEGES is neither true nor false'
}
if ($env:SSM_HARDEN_REMOVE_PRIVILEGES -cne 'true') {
    Stop-Baseline 0 'nothing is to be removed'
}
if (-not (Test-Elevated)) {
    Stop-Baseline 10 'it must run as SYSTEM or as an administrator'
}
if (Test-DomainController) {
    Stop-Baseline 12 "a domain controller has no local accounts: nothing was done; see who $User is in the domain"
}
if ($null -eq (Get-Command -Name Remove-LocalGroupMember -ErrorAction SilentlyContinue)) {
    Stop-Baseline 10 'the cmdlets for local accounts are missing: install Windows Management Framework 5.1'
}

$found = Get-SessionUser
if ($null -eq $found) {
    Stop-Baseline 0 "there is no $User yet; the agent makes it an administrator, and the next run after that takes it out"
}
$sid = $found.SID.Value
try {
    $member = @(Get-GroupSids) -contains $Administrators
} catch {
    $member = $false
}
try {
    if (Remove-Membership $sid $member) {
        Write-Output "$User ($sid) is no administrator any more"
    } else {
        Write-Output "$User ($sid) is no administrator"
    }
} catch {
    Stop-Baseline 11 "$User could not be taken out of Administrators: $($_.Exception.Message)"
}

try {
    $groups = @(Get-GroupSids)
} catch {
    Stop-Baseline 12 "the groups of $User could not be read: $($_.Exception.Message)"
}
if ($groups -contains $Administrators) {
    Stop-Baseline 11 "$User is still a member of Administrators"
}
$left = @($groups | Where-Object { $Powerful -contains $_ })
if ($left.Count -gt 0) {
    Stop-Baseline 12 "$User is in groups that are as good as Administrators, and stays in them: $($left -join ', ')"
}
exit 0
