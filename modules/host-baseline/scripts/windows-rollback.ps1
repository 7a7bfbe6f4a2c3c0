# Makes ssm-user a member of the local Administrators again, where the host baseline took it out.
#
# Runs as SYSTEM or administrator, as often as wanted. It does nothing where the baseline removed nobody, or where
# ssm-user is another account since. While an association still removes privileges, its next run removes the membership
# again: set remove_privileges to false first.
#
# Exit status: 0 all is as it was before, else
#   10  it could not start (not an administrator); nothing was changed
#   11  the membership could not be put back, or ssm-user is another account since

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$Administrators = 'S-1-5-32-544'
$User = 'ssm-user'
$State = 'HKLM:\SOFTWARE\ssm-harden'

function Stop-Rollback([int]$Status, [string]$Message) {
    Write-Output "ssm-harden: $Message"
    exit $Status
}

function Test-Elevated {
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object System.Security.Principal.WindowsPrincipal -ArgumentList $identity
    return $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
}

function Get-Removed {
    if (-not (Test-Path -LiteralPath $State)) {
        return $null
    }
    return (Get-Item -LiteralPath $State).GetValue('Removed')
}

if (-not (Test-Elevated)) {
    Stop-Rollback 10 'it must run as SYSTEM or as an administrator'
}
$removed = Get-Removed
if ($null -eq $removed) {
    Stop-Rollback 0 'the baseline removed nobody on this node'
}
$found = Get-LocalUser | Where-Object { $_.Name -eq $User }
if (($null -eq $found) -or ($found.SID.Value -ne $removed)) {
    Stop-Rollback 11 "$User is not the account $removed that was removed: nothing was done"
}
try {
    Add-LocalGroupMember -SID $Administrators -Member $removed
} catch {
    if ($_.FullyQualifiedErrorId -notlike 'MemberExists*') {
        Stop-Rollback 11 "$User could not be put back: $($_.Exception.Message)"
    }
}
Remove-ItemProperty -LiteralPath $State -Name 'Removed'
Write-Output "$User ($removed) is an administrator again"
exit 0
