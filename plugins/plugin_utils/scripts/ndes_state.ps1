# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What there is of NDES, also on a server that has neither the role service nor IIS. Of applicationHost.config the parts
# that tell of sites, pools and authentication, without passwords and settings of programs; of certificates their DER in
# hexadecimal digits, provider and access.
[CmdletBinding(SupportsShouldProcess)]
param()

$version = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$root = (Get-ItemProperty -LiteralPath $version).SystemRoot
$keys = (Get-ItemProperty -LiteralPath "$version\ProfileList").ProgramData + '\Microsoft\Crypto\RSA\MachineKeys'
$inetsrv = "$root\System32\inetsrv"
$microsoft = 'HKLM:\SOFTWARE\Microsoft'
$registry = @("$microsoft\Cryptography\MSCEP", "$microsoft\Cryptography\MSCEP\CAInfo", "$microsoft\ADCS\NDES")

$config = "$inetsrv\config\applicationHost.config"
$text = '<configuration />'
if (Test-Path -LiteralPath $config) { $text = Get-Content -LiteralPath $config -Raw -Encoding 'UTF8' }
$parts = '/*/system.applicationHost | /*/location[.//authentication] | /*/system.webServer/security/authentication'
$site = Select-Xml -Content $text -XPath '//site[@id="1"]/application[@path="/"]/virtualDirectory[@path="/"]'
$path = $site.Node.physicalPath -replace '%SystemDrive%', ($root -replace '\\.*')
$path = $path -replace '%SystemRoot%', $root -replace '%windir%', $root
$service = @('State', 'StartMode')
$pool = Select-Xml -Content $text -XPath '//applicationPools/add[@name="SCEP"]'

# A pool has a state only while the service WAS runs, and the cmdlet is there with the scripting tools of IIS alone:
# without them the reason is told.
try { $state = if ($pool) { (Get-WebAppPoolState -Name 'SCEP').Value } } catch { $why = $_.Exception.Message }

# Windows does not list a group that has a deleted account in it: the reason then stands in the place of the list.
try { $members = @(Get-LocalGroupMember -SID 'S-1-5-32-568' | ForEach-Object -Process { $_.SID.Value }) }
catch { $members = $_.Exception.Message }

[pscustomobject]@{
    registry = @($registry | Where-Object -FilterScript { Test-Path -LiteralPath $_ } | ForEach-Object -Process {
        # It gives nothing for a key without values.
        $one = Get-ItemProperty -LiteralPath $_
        @{ path = $_; authority = $one.Configuration; status = $one.ConfigurationStatus } })
    iis = @(Select-Xml -Content $text -XPath $parts | ForEach-Object -Process {
        $_.Node.OuterXml -replace '(?s)\bpassword="[^"]*"|<(connectionStrings|appSettings)\b.*?</\1>' })
    services = @(Get-CimInstance -ClassName 'Win32_Service' -Filter "Name='W3SVC'" | Select-Object -Property $service)
    path = $path
    path_exists = [bool]$path -and (Test-Path -LiteralPath $path)
    pool_state = $state
    pool_error = $why
    backups = @(if (Test-Path -LiteralPath "$inetsrv\backup") { Get-ChildItem -LiteralPath "$inetsrv\backup" -Name })
    members = $members
    roots = @(Get-ChildItem -LiteralPath 'Cert:\LocalMachine\Root' | ForEach-Object -Process { $_.Thumbprint })
    certificates = @(Get-ChildItem -LiteralPath 'Cert:\LocalMachine\My' | ForEach-Object -Process {
        $key = $_.PrivateKey.CspKeyContainerInfo
        $file = "$keys\$($key.UniqueKeyContainerName)"
        $access = if ($key -and (Test-Path -LiteralPath $file)) { (Get-Acl -LiteralPath $file).Sddl }
        @{ der = $_.GetRawCertDataString(); key = $_.HasPrivateKey; provider = $key.ProviderName; access = $access } })
}
