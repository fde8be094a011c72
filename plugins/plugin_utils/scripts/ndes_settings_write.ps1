# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Values of the registry: written with their type, or removed. Before all else it is noted what will wait for a reboot
# or for the application pool: a run that ends in between is followed by one that knows.
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Waiting,
    [string[]] $Reason = @(),
    [hashtable[]] $Value = @(),
    [hashtable[]] $Obsolete = @()
)

$now = Get-Date -Format 'o'
$notes = @($Reason | ForEach-Object -Process { @{ path = $Waiting; name = $_; kind = 'String'; data = $now } })
foreach ($one in $notes + $Value) {
    # New-Item -Force would take the values of a key that is there away.
    if (-not (Test-Path -LiteralPath $one.path)) { $null = New-Item -Path $one.path -Force }
    $null = New-ItemProperty -LiteralPath $one.path -Name $one.name -PropertyType $one.kind -Value $one.data -Force
}
foreach ($one in $Obsolete) { Remove-ItemProperty -LiteralPath $one.path -Name $one.name }

[pscustomobject]@{ noted = $now }
