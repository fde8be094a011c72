# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The rights of the local security policy as secedit.exe writes them down, and the SIDs behind names. The file lies in
# the folder that the shell starts in; it is taken away in check mode too, since it is no part of the server.
[CmdletBinding(SupportsShouldProcess)]
param([string[]] $Account = @(), [string[]] $Group = @())

$file = 'certops_intune_user_rights.inf'
try {
    $said = secedit.exe /export /areas USER_RIGHTS /cfg certops_intune_user_rights.inf
    if ($LASTEXITCODE -ne 0) { throw "secedit.exe /export ended with exit status $LASTEXITCODE ($said)" }
    # A text of its own for each line: those of Get-Content carry properties about the file.
    $lines = @(Get-Content -LiteralPath $file | ForEach-Object -Process { "$_" })
} finally {
    if (Test-Path -LiteralPath $file) { Remove-Item -LiteralPath $file -WhatIf:$false }
}

# Accounts that secedit.exe names instead of telling their SID are asked about as well.
$named = @($lines | Select-String -Pattern '(?<=^Se\w+ *=(?:.*,)?) *([^*, ][^,]*)' -AllMatches |
    ForEach-Object -Process { $_.Matches } | ForEach-Object -Process { "$($_.Groups[1])" })
$accounts = @(foreach ($name in @($Account + $named | Select-Object -Unique)) {
    $sid = $null
    $why = $null
    $known = New-Object -TypeName 'System.Security.Principal.NTAccount' -ArgumentList @($name)
    try { $sid = $known.Translate([System.Security.Principal.SecurityIdentifier]).Value }
    catch { $why = $_.Exception.GetBaseException().Message }
    @{ name = $name; sid = $sid; error = $why }
})

$groups = @(foreach ($sid in $Group) {
    $name = (Get-LocalGroup -SID $sid).Name
    $members = $null
    $why = $null
    # It fails for the whole group when it has a member that nobody knows any more.
    try { $members = @(Get-LocalGroupMember -SID $sid | ForEach-Object -Process { "$($_.SID)" }) }
    catch { $why = $_.Exception.GetBaseException().Message }
    @{ sid = $sid; name = $name; members = $members; error = $why }
})

[pscustomobject]@{ lines = $lines; accounts = $accounts; groups = $groups }
