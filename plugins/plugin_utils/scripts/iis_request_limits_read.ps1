# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The limits as they take effect at the server and at the applications asked for, and where applicationHost.config says
# them: no cmdlet tells a value that was written at a place from one that it inherits.
[CmdletBinding(SupportsShouldProcess)]
param([string] $Site = '')

$server = 'MACHINE/WEBROOT/APPHOST'
$filter = 'system.webServer/security/requestFiltering/requestLimits'
$names = @('maxUrl', 'maxQueryString', 'maxAllowedContentLength')
$sites = @()
$places = @()
$own = @()
$installed = Test-Path -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Services\W3SVC'
if ($installed) {
    $sites = @(Get-Website | ForEach-Object -Process { $_.name })
    $paths = @($sites | Where-Object -FilterScript { ($Site -eq '') -or ($_ -eq $Site) } | ForEach-Object -Process {
            $name = $_
            $name
            Get-WebApplication -Site $name | ForEach-Object -Process { $name + $_.path }
        })
    $places = @(@($server) + @($paths | ForEach-Object -Process { "$server/$_" }) | ForEach-Object -Process {
            $where = $_
            $place = @{ path = $where }
            $names | ForEach-Object -Process {
                $place[$_] = (Get-WebConfigurationProperty -PSPath $where -Filter $filter -Name $_).Value
            }
            $place
        })
    $file = Get-WebConfigFile -PSPath $server
    $xpath = '//requestFiltering/requestLimits'
    $own = @(Select-Xml -LiteralPath $file.FullName -XPath $xpath | ForEach-Object -Process {
            $limits = $_.Node
            $holder = $limits.ParentNode.ParentNode.ParentNode.ParentNode
            @{
                location = [string]$holder.path
                maxUrl = $limits.maxUrl
                maxQueryString = $limits.maxQueryString
                maxAllowedContentLength = $limits.maxAllowedContentLength
            }
        })
}

[pscustomobject]@{ installed = $installed; sites = $sites; places = $places; own = $own }
