# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Takes the configuration of the role service away. The feature stays, and so do the certificates of the RA.
[CmdletBinding()]
param()

$done = Uninstall-AdcsNetworkDeviceEnrollmentService -Force

# Some failures are told by the result and not by an error.
[pscustomobject]@{
    error_id = $done.ErrorId
    error_text = $done.ErrorString
}
