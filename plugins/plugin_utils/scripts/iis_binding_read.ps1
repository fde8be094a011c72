# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The bindings of all sites, the certificates that HTTP.sys answers with, and of the machine's certificates the one that
# is asked for and those that are bound, as DER in hexadecimal digits.
[CmdletBinding(SupportsShouldProcess)]
param([Parameter(Mandatory)] [string] $Store, [string] $Thumbprint = '')

$sites = @()
$ssl = @()
$computer = Get-CimInstance -ClassName 'Win32_ComputerSystem'
$installed = Test-Path -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Services\W3SVC'
if ($installed) {
    $properties = @('protocol', 'bindingInformation', 'sslFlags', 'certificateHash', 'certificateStoreName')
    $sites = @(Get-Website | ForEach-Object -Process {
            $bindings = @(Get-WebBinding -Name $_.name | Select-Object -Property $properties)
            @{ name = $_.name; state = [string]$_.state; bindings = $bindings }
        })
    $ssl = @(Get-ChildItem -LiteralPath 'IIS:\SslBindings' | ForEach-Object -Process {
            @{
                address = [string]$_.IPAddress; port = [int]$_.Port
                host = [string]$_.Host; thumbprint = [string]$_.Thumbprint
            }
        })
}
$wanted = @($Thumbprint) + @($sites.bindings.certificateHash)
$places = @($Store) + @($sites.bindings.certificateStoreName)
$found = @($places | Where-Object -FilterScript { $_ } | Sort-Object -Unique | ForEach-Object -Process {
        $place = $_
        if (Test-Path -LiteralPath "Cert:\LocalMachine\$place") {
            Get-ChildItem -LiteralPath "Cert:\LocalMachine\$place" | Where-Object -FilterScript {
                $wanted -contains $_.Thumbprint
            } | ForEach-Object -Process {
                @{ store = $place; private_key = $_.HasPrivateKey; der = $_.GetRawCertDataString() }
            }
        }
    })

[pscustomobject]@{
    installed = $installed
    now = Get-Date -Format 'o'
    computer = $computer | Select-Object -Property @('DNSHostName', 'Domain', 'PartOfDomain')
    sites = $sites
    ssl = $ssl
    certificates = $found
}
