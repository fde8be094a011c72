# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Keys of the registry with all their values, and the server's own clock. A key that is not there is left out; of a tree
# come the keys below it, too. Types are told as .NET names them, and data as it is stored.
[CmdletBinding(SupportsShouldProcess)]
param([string[]] $Key = @(), [string[]] $Tree = @())

$system = Get-CimInstance -ClassName 'Win32_OperatingSystem'
$found = @($Key + $Tree | Where-Object -FilterScript { Test-Path -LiteralPath $_ })
$keys = @($found | ForEach-Object -Process {
    Get-Item -LiteralPath $_
    if ($Tree -contains $_) { Get-ChildItem -LiteralPath $_ -Recurse }
})

[pscustomobject]@{
    system = $system | Select-Object -Property @('LocalDateTime', 'LastBootUpTime')
    keys = @($keys | ForEach-Object -Process {
        $one = $_
        $values = @($one.GetValueNames() | ForEach-Object -Process {
            $data = $one.GetValue($_, $null, 'DoNotExpandEnvironmentNames')
            @{ name = $_; kind = [string]$one.GetValueKind($_); data = $data }
        })
        @{ path = $one.Name; values = $values }
    })
}
