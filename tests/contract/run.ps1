# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs every contract case under the PowerShell that runs this file, with functions in the place of the cmdlets that
# would look at or change a server. Windows PowerShell 5.1 and PowerShell 7, any system, no modules (README.md).
#
# Nothing here is strict (Set-StrictMode), because nothing is where the scripts run: win_powershell sets ErrorAction to
# Stop and no more. Commands of this file's own are named with their module, since a stand-in may have their name.

$ErrorActionPreference = 'Stop'
$scripts = [System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'plugins', 'plugin_utils', 'scripts')
$common = @('Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ErrorVariable', 'WarningVariable',
    'InformationVariable', 'OutVariable', 'OutBuffer', 'PipelineVariable', 'ProgressAction', 'WhatIf', 'Confirm')
# Cmdlets of these modules only turn objects into objects: the real ones run, unless a case answers for one.
$pure = @('Microsoft.PowerShell.Core', 'Microsoft.PowerShell.Utility')

# What stand-ins know and note down; global, since they are called from the scripts.
$global:ContractAnswers = @()
$global:ContractCalls = [System.Collections.Generic.List[object]]::new()

function Read-Json {
    param([string] $Path)
    Microsoft.PowerShell.Utility\ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText($Path))
}

function Get-Value {
    # A property of an object or the entry of a table, by name; $null where there is none. An array stays one.
    param($InputObject, [string] $Name)
    $value = $null
    if ($InputObject -is [System.Collections.IDictionary]) {
        $value = $InputObject[$Name]
    } elseif ($null -ne $InputObject) {
        $property = $InputObject.PSObject.Properties[$Name]
        if ($null -ne $property) { $value = $property.Value }
    }
    if ($value -is [System.Collections.IList]) { return , $value }
    return $value
}

function Test-Property {
    param($InputObject, [string] $Name)
    if ($InputObject -is [System.Collections.IDictionary]) { return $InputObject.Contains($Name) }
    return $null -ne $InputObject -and $null -ne $InputObject.PSObject.Properties[$Name]
}

function ConvertTo-DateTime {
    # PowerShell 7 reads texts that look like dates as dates already, Windows PowerShell 5.1 does not.
    param($Value)
    if ($Value -is [datetime]) { return $Value.ToUniversalTime() }
    $anywhere = [System.Globalization.CultureInfo]::InvariantCulture
    return [datetime]::Parse($Value, $anywhere, 'RoundtripKind').ToUniversalTime()
}

function ConvertTo-Table {
    # Objects of a case as tables, as a [hashtable] parameter takes them, and as something is looked up by name.
    param($Value)
    if ($Value -is [array]) { return , @(foreach ($item in $Value) { ConvertTo-Table -Value $item }) }
    if ($Value -isnot [System.Management.Automation.PSCustomObject]) { return $Value }
    $table = @{}
    foreach ($property in $Value.PSObject.Properties) { $table[$property.Name] = ConvertTo-Table -Value $property.Value }
    return $table
}

function ConvertTo-Live {
    # An object of a case as a cmdlet would give it: dates are dates, methods can be called.
    param($Value)
    if ($Value -is [array]) {
        $items = [System.Collections.Generic.List[object]]::new()
        foreach ($item in $Value) { $items.Add((ConvertTo-Live -Value $item)) }
        return , $items.ToArray()
    }
    if ($Value -isnot [System.Management.Automation.PSCustomObject]) { return $Value }
    if (Test-Property -InputObject $Value -Name '$datetime') {
        return ConvertTo-DateTime -Value (Get-Value -InputObject $Value -Name '$datetime')
    }
    $live = [pscustomobject]@{}
    foreach ($property in $Value.PSObject.Properties) {
        if ($property.Name -eq '$methods') { continue }
        $converted = ConvertTo-Live -Value $property.Value
        $live.PSObject.Properties.Add([System.Management.Automation.PSNoteProperty]::new($property.Name, $converted))
    }
    $methods = Get-Value -InputObject $Value -Name '$methods'
    if ($null -eq $methods) { return $live }
    foreach ($method in $methods.PSObject.Properties) {
        $returns = ConvertTo-Live -Value (Get-Value -InputObject $method.Value -Name 'returns')
        $throws = Get-Value -InputObject $method.Value -Name 'throws'
        # What a method gives may depend on its first argument.
        $by = ConvertTo-Table -Value (Get-Value -InputObject $method.Value -Name 'returns_by')
        $body = {
            if ($null -ne $throws) { throw $throws }
            if ($null -ne $by) { return , $by[[string]$args[0]] }
            $returns
        }.GetNewClosure()
        $live.PSObject.Members.Add([System.Management.Automation.PSScriptMethod]::new($method.Name, $body))
    }
    return $live
}

function Compare-Value {
    # Where an actual value differs from what is expected, as text; '' where it does not. Of objects the properties
    # that are named are compared; lists have the same length; a text that begins with ~ is a pattern.
    param($Expected, $Actual, [string] $Place)
    if ($null -eq $Expected -and $null -eq $Actual) { return '' }
    if ($null -eq $Expected) { return "$Place is '$Actual' and not null" }
    if ($null -eq $Actual) { return "$Place is null" }
    if ($Expected -is [array]) {
        if ($Actual -isnot [System.Collections.IList]) { return "$Place is no list" }
        if ($Actual.Count -ne $Expected.Count) { return "$Place has $($Actual.Count) entries, not $($Expected.Count)" }
        for ($number = 0; $number -lt $Expected.Count; $number++) {
            $found = Compare-Value -Expected $Expected[$number] -Actual $Actual[$number] -Place "$Place[$number]"
            if ($found) { return $found }
        }
        return ''
    }
    if ($Expected -is [System.Management.Automation.PSCustomObject]) {
        if (Test-Property -InputObject $Expected -Name '$datetime') {
            $wanted = ConvertTo-DateTime -Value (Get-Value -InputObject $Expected -Name '$datetime')
            if ($Actual -is [datetime] -and $Actual.ToUniversalTime() -eq $wanted) { return '' }
            return "$Place is '$Actual' and not the time $($wanted.ToString('o'))"
        }
        foreach ($property in $Expected.PSObject.Properties) {
            $inner = "$Place.$($property.Name)"
            if (-not (Test-Property -InputObject $Actual -Name $property.Name)) { return "$inner is not there" }
            $value = Get-Value -InputObject $Actual -Name $property.Name
            $found = Compare-Value -Expected $property.Value -Actual $value -Place $inner
            if ($found) { return $found }
        }
        return ''
    }
    $same = $false
    if ($Expected -is [bool] -or $Actual -is [bool]) {
        $same = $Expected -is [bool] -and $Actual -is [bool] -and $Expected -eq $Actual
    } elseif ($Expected -is [string] -and $Expected.StartsWith('~')) {
        $same = $Actual -is [string] -and $Actual -cmatch $Expected.Substring(1)
    } elseif ($Expected -is [string]) {
        $same = $Actual -is [string] -and $Actual -ceq $Expected
    } elseif ($Actual -is [System.ValueType]) {
        $same = [decimal]$Actual -eq [decimal]$Expected
    }
    if ($same) { return '' }
    return "$Place is '$Actual' ($($Actual.GetType().Name)) and not '$Expected'"
}

function Test-Given {
    # Whether a call's parameters hold all that an answer or an expected call names. Case does not count, as in Windows.
    param($Wanted, $Given)
    if ($null -eq $Wanted) { return $true }
    foreach ($property in $Wanted.PSObject.Properties) {
        if (-not (Test-Property -InputObject $Given -Name $property.Name)) { return $false }
        $value = Get-Value -InputObject $Given -Name $property.Name
        if ((@($value) -join "`n") -ne (@($property.Value) -join "`n")) { return $false }
    }
    return $true
}

function global:Invoke-ContractStandIn {
    # What every stand-in does: note the call, find the first answer that fits, give its objects or throw its error.
    param([string] $Command, $Given)
    $global:ContractCalls.Add([pscustomobject]@{ command = $Command; parameters = $Given })
    foreach ($answer in $global:ContractAnswers) {
        if ($answer.command -ne $Command) { continue }
        if (-not (Test-Given -Wanted $answer.when -Given $Given)) { continue }
        if ($null -ne $answer.exit_status) { $global:LASTEXITCODE = [int]$answer.exit_status }
        if ($null -ne $answer.error) {
            if (@('SilentlyContinue', 'Ignore') -contains [string]$Given['ErrorAction']) { return }
            throw (New-ContractError -Description $answer.error)
        }
        foreach ($object in $answer.objects) { ConvertTo-Live -Value $object }
        return
    }
    $told = @(foreach ($key in $Given.Keys) { "-$key $($Given[$key])" }) -join ' '
    throw "No answer of the case fits $Command $told"
}

function New-ContractError {
    param($Description)
    $arguments = @($Description.message)
    if ($null -ne $Description.hresult) { $arguments += [int]$Description.hresult }
    $exception = Microsoft.PowerShell.Utility\New-Object -TypeName $Description.exception -ArgumentList $arguments
    return [System.Management.Automation.ErrorRecord]::new($exception, $Description.id, $Description.category, $null)
}

function Get-StandInText {
    # The text of a stand-in that takes exactly the parameters that the reference documents, and none by position.
    param($Cmdlet)
    $piped = $false
    $lines = foreach ($parameter in $Cmdlet.parameters.PSObject.Properties) {
        if ($common -contains $parameter.Name) { continue }
        $variant = @($parameter.Value)[0]
        # One parameter takes what is piped; it does not matter here which, since nothing is bound by type.
        $takes = [bool]$variant.pipeline -and -not $piped
        $piped = $piped -or $takes
        $type = if ($variant.type -eq 'SwitchParameter') { 'switch' } else { 'object' }
        "    [Parameter(ValueFromPipeline = `$$takes)] [$type] `${$($parameter.Name)}"
    }
    $changes = Test-Property -InputObject $Cmdlet.parameters -Name 'WhatIf'
    return @(
        "[CmdletBinding(PositionalBinding = `$false, SupportsShouldProcess = `$$changes)]"
        'param('
        ($lines -join ",`n")
        ') process {'
        '    $contractGiven = @{}'
        '    foreach ($bound in $PSBoundParameters.Keys) { $contractGiven[$bound] = $PSBoundParameters[$bound] }'
        '    Invoke-ContractStandIn -Command $MyInvocation.MyCommand.Name -Given $contractGiven'
        '}'
    ) -join "`n"
}

function Set-StandIn {
    param([string] $Name, $Cmdlet)
    # A program has no parameters: its arguments are words.
    $body = { Invoke-ContractStandIn -Command $MyInvocation.MyCommand.Name -Given @{ arguments = $args } }
    if ($null -ne $Cmdlet) { $body = [scriptblock]::Create((Get-StandInText -Cmdlet $Cmdlet)) }
    Microsoft.PowerShell.Management\Set-Item -Path "function:global:$Name" -Value $body
}

function ConvertTo-Parameter {
    # The parameters of a case as a table to splat; secrets become what win_powershell makes of them.
    param($One)
    $table = @{}
    foreach ($property in $One.parameters.PSObject.Properties) {
        $table[$property.Name] = ConvertTo-Table -Value $property.Value
    }
    foreach ($secret in $One.secrets) {
        $secure = [System.Security.SecureString]::new()
        foreach ($character in $secret.value.ToCharArray()) { $secure.AppendChar($character) }
        $table[$secret.name] = $secure
        if ($null -ne $secret.username) {
            $table[$secret.name] = [System.Management.Automation.PSCredential]::new($secret.username, $secure)
        }
    }
    return $table
}

function Compare-Call {
    param($Expected)
    if ($null -eq $Expected) { return '' }
    $made = @(foreach ($call in $global:ContractCalls) { $call.command }) -join ', '
    if ($global:ContractCalls.Count -ne $Expected.Count) { return "called: $made" }
    for ($number = 0; $number -lt $Expected.Count; $number++) {
        $call = $global:ContractCalls[$number]
        $same = $call.command -eq $Expected[$number].command
        if (-not $same -or -not (Test-Given -Wanted $Expected[$number].parameters -Given $call.parameters)) {
            return "call $number is not $($Expected[$number].command) with its parameters; called: $made"
        }
    }
    return ''
}

function Compare-Failure {
    param($Expected, $Record)
    if ($null -eq $Expected) { return "failed: $($Record.Exception.Message) [$($Record.FullyQualifiedErrorId)]" }
    # What stands behind the first comma is the class of the cmdlet, which a stand-in does not have.
    $actual = @{
        id = ([string]$Record.FullyQualifiedErrorId).Split(',')[0]
        message = $Record.Exception.Message
        hresult = $Record.Exception.HResult
    }
    return Compare-Value -Expected $Expected -Actual $actual -Place 'error'
}

function Test-Case {
    # What is wrong with one run of a case, '' for nothing.
    param($One, $Shared, [string] $Path, [hashtable] $Parameters)
    $answers = [System.Collections.Generic.List[object]]::new()
    foreach ($answer in $One.answers) { $answers.Add($answer) }
    foreach ($answer in $Shared) { $answers.Add($answer) }
    $global:ContractAnswers = $answers
    $global:ContractCalls.Clear()
    $global:LASTEXITCODE = 0
    try {
        $output = @(& $Path @Parameters)
    } catch {
        $found = Compare-Failure -Expected $One.error -Record $_
        if ($found) { return $found }
        return Compare-Call -Expected $One.calls
    }
    if ($null -ne $One.error) { return 'did not fail' }
    $found = Compare-Value -Expected $One.output -Actual $output -Place 'output'
    if ($found) { return $found }
    return Compare-Call -Expected $One.calls
}

$extract = Read-Json -Path ([System.IO.Path]::Combine($PSScriptRoot, 'cmdlets.json'))
$folder = [System.IO.Path]::Combine($PSScriptRoot, 'cases')
$files = foreach ($path in [System.IO.Directory]::GetFiles($folder, '*.json')) { Read-Json -Path $path }
foreach ($cmdlet in $extract.cmdlets.PSObject.Properties) {
    if ($pure -notcontains $cmdlet.Value.module) { Set-StandIn -Name $cmdlet.Name -Cmdlet $cmdlet.Value }
}
foreach ($file in $files) {
    foreach ($answer in @(@($file.answers) + @($file.cases.answers))) {
        if ($null -eq $answer) { continue }
        $known = Get-Value -InputObject $extract.cmdlets -Name $answer.command
        Set-StandIn -Name $answer.command -Cmdlet $known
    }
}

$failed = 0
foreach ($file in $files) {
    $path = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($scripts, $file.script))
    $reads = (Microsoft.PowerShell.Core\Get-Command -Name $path).Parameters.ContainsKey('WhatIf')
    foreach ($one in $file.cases) {
        $label = "$($file.script): $($one.name)"
        # A reader is run as a task runs it and as a task in check mode does, and gives the same.
        foreach ($whatIf in @($false, $true)) {
            if ($whatIf -and -not $reads) { continue }
            $parameters = ConvertTo-Parameter -One $one
            if ($reads) { $parameters['WhatIf'] = $whatIf; $parameters['Confirm'] = $false }
            $found = Test-Case -One $one -Shared $file.answers -Path $path -Parameters $parameters
            $mode = if ($whatIf) { ' (check mode)' } else { '' }
            if ($found) { $failed++; "FAIL $label$($mode): $found" } else { "ok   $label$mode" }
        }
    }
}
"$failed failed, under PowerShell $($PSVersionTable.PSVersion)"
exit $failed
