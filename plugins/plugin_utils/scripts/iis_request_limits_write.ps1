# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Writes limits into applicationHost.config, for a site or (without one) for the server; those of Clear are taken away.
[CmdletBinding()]
param([string] $Site = '', [hashtable] $Set = @{}, [string[]] $Clear = @())

$place = @{ PSPath = 'MACHINE/WEBROOT/APPHOST' }
if ($Site -ne '') { $place['Location'] = $Site }
$filter = 'system.webServer/security/requestFiltering/requestLimits'
$Set.Keys | ForEach-Object -Process {
    Set-WebConfigurationProperty @place -Filter $filter -Name $_ -Value $Set[$_]
}
if ($Clear -contains 'maxUrl') {
    Clear-WebConfiguration @place -Filter 'system.webServer/security/requestFiltering/requestLimits/@maxUrl'
}
if ($Clear -contains 'maxQueryString') {
    Clear-WebConfiguration @place -Filter 'system.webServer/security/requestFiltering/requestLimits/@maxQueryString'
}
if ($Clear -contains 'maxAllowedContentLength') {
    Clear-WebConfiguration @place -Filter (
        'system.webServer/security/requestFiltering/requestLimits/@maxAllowedContentLength')
}
