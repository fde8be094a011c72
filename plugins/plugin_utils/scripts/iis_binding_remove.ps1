# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Takes an https binding away from a site, and the certificate away from HTTP.sys that no binding uses any more. Either
# may be '', and either may be gone already.
[CmdletBinding()]
param([Parameter(Mandatory)] [string] $Site, [string] $Information = '', [string] $Endpoint = '')

$present = @(Get-WebBinding -Name $Site -Protocol 'https' | Where-Object -FilterScript {
        $_.bindingInformation -eq $Information
    })
if ($present.Count -gt 0) { Remove-WebBinding -Name $Site -Protocol 'https' -BindingInformation $Information }
if (($Endpoint -ne '') -and (Test-Path -LiteralPath "IIS:\SslBindings\$Endpoint")) {
    Remove-Item -LiteralPath "IIS:\SslBindings\$Endpoint"
}
