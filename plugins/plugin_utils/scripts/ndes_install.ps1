# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Configures the role service. Without an account it runs as the identity of its pool; what else is not given is left to
# the cmdlet.
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $CAConfig,
    [string] $AccountName,
    [securestring] $AccountPassword,
    [pscredential] $InstallerCredential,
    [Parameter(Mandatory)] [string] $SigningProvider,
    [Parameter(Mandatory)] [int] $SigningLength,
    [Parameter(Mandatory)] [string] $EncryptionProvider,
    [Parameter(Mandatory)] [int] $EncryptionLength,
    [hashtable] $Subject = @{}
)

$wanted = @{ CAConfig = $CAConfig; Force = $true }
$wanted.SigningProviderName = $SigningProvider
$wanted.SigningKeyLength = $SigningLength
$wanted.EncryptionProviderName = $EncryptionProvider
$wanted.EncryptionKeyLength = $EncryptionLength
if ($AccountName) {
    $wanted.ServiceAccountName = $AccountName
    $wanted.ServiceAccountPassword = $AccountPassword
} else {
    $wanted.ApplicationPoolIdentity = $true
}
if ($InstallerCredential) { $wanted.Credential = $InstallerCredential }
if ($Subject.name) { $wanted.RAName = $Subject.name }
if ($Subject.email) { $wanted.RAEmail = $Subject.email }
if ($Subject.company) { $wanted.RACompany = $Subject.company }
if ($Subject.department) { $wanted.RADepartment = $Subject.department }
if ($Subject.city) { $wanted.RACity = $Subject.city }
if ($Subject.state) { $wanted.RAState = $Subject.state }
if ($Subject.country) { $wanted.RACountry = $Subject.country }
$done = Install-AdcsNetworkDeviceEnrollmentService @wanted

# Some failures are told by the result and not by an error.
[pscustomobject]@{ error_id = $done.ErrorId; error_text = $done.ErrorString }
