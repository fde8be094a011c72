# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# One object with numbers, SIDs and identifiers as Windows stores them; what they mean is decided on the controller.
[CmdletBinding(SupportsShouldProcess)]
param([string[]] $Feature = @())

$computer = Get-CimInstance -ClassName 'Win32_ComputerSystem'
$groups = whoami.exe /groups /fo csv /nh | ConvertFrom-Csv -Header @('name', 'type', 'sid', 'attributes')
if ($LASTEXITCODE -ne 0) { throw "whoami.exe /groups ended with exit status $LASTEXITCODE" }

# The domain's SID is that of the computer's account without its last part. Where no domain controller answers, the
# reason stands in its place: that is a finding about the server, and no failure to look at it.
$accountSid = $null
$accountError = $null
if ($computer.PartOfDomain) {
    $parts = @($computer.Domain, ($computer.Name + '$'))
    $account = New-Object -TypeName 'System.Security.Principal.NTAccount' -ArgumentList $parts
    try { $accountSid = $account.Translate([System.Security.Principal.SecurityIdentifier]).Value }
    catch { $accountError = $_.Exception.GetBaseException().Message }
}

$features = @(if ($Feature.Count -gt 0) { Get-WindowsFeature -Name $Feature })
$local = 'LocalAccount = TRUE AND SID LIKE "S-1-5-21-%-500"'
$control = 'HKLM:\SYSTEM\CurrentControlSet\Control'
$microsoft = 'HKLM:\SOFTWARE\Microsoft'

[pscustomobject]@{
    version = Get-ItemProperty -LiteralPath "$microsoft\Windows NT\CurrentVersion" |
        Select-Object -Property @('CurrentBuildNumber', 'UBR', 'InstallationType', 'EditionID')
    system = Get-CimInstance -ClassName 'Win32_OperatingSystem' | Select-Object -Property @(
        'Version', 'ProductType', 'OSLanguage', 'Locale', 'SystemDrive', 'LocalDateTime', 'LastBootUpTime')
    computer = $computer | Select-Object -Property @('DNSHostName', 'Domain', 'PartOfDomain', 'DomainRole')
    drives = @(Get-CimInstance -ClassName 'Win32_LogicalDisk' -Filter 'DriveType = 3' |
        Select-Object -Property @('DeviceID', 'FreeSpace'))
    framework = (Get-ItemProperty -LiteralPath "$microsoft\NET Framework Setup\NDP\v4\Full").Release
    powershell = [string]$PSVersionTable.PSVersion
    name = (Get-ItemProperty -LiteralPath "$control\ComputerName\ActiveComputerName").ComputerName
    next_name = (Get-ItemProperty -LiteralPath "$control\ComputerName\ComputerName").ComputerName
    files_to_move = [bool](Get-ItemProperty -LiteralPath "$control\Session Manager").PendingFileRenameOperations
    servicing = Test-Path -LiteralPath "$microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending"
    updates = Test-Path -LiteralPath "$microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired"
    enhanced_security = @(Get-ItemProperty -Path "$microsoft\Active Setup\Installed Components\{A509B1A[78]-*" |
        Select-Object -Property @('PSChildName', 'IsInstalled'))
    local_sid = (Get-CimInstance -ClassName 'Win32_UserAccount' -Filter $local).SID
    account_sid = $accountSid
    account_error = $accountError
    groups = @($groups.sid)
    features = @($features | ForEach-Object -Process { @{ name = $_.Name; state = [string]$_.InstallState } })
}
