; Installer for Windows: for the user who runs it, without an administrator.
;   iscc packaging\windows\cnnviz_gui.iss
; after the bundle was made in dist\cnnviz-gui.

#define Name "cnnviz"
#define Version "0.1.0"
#define Program "cnnviz-gui.exe"

[Setup]
; Never change it: by this an installer finds what an older one installed.
AppId={{6B1E7C0A-4C1D-4E55-9C53-0C1F5B7C2A11}
AppName={#Name}
AppVersion={#Version}
AppVerName={#Name} {#Version}
AppPublisher=The cnnviz-gui authors
VersionInfoVersion={#Version}
PrivilegesRequired=lowest
DefaultDirName={autopf}\cnnviz
DefaultGroupName={#Name}
DisableProgramGroupPage=yes
DisableDirPage=auto
; torch and Qt are built for nothing else
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\..\LICENSE
SetupIconFile=icon.ico
UninstallDisplayIcon={app}\{#Program}
UninstallDisplayName={#Name}
OutputDir=..\..\dist
OutputBaseFilename=cnnviz-{#Version}-setup
Compression=lzma2/max
SolidCompression=yes
LZMAUseSeparateProcess=yes
WizardStyle=modern
ChangesAssociations=yes
CloseApplications=yes

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked
Name: "weights"; Description: "Open .safetensors files with {#Name}"; GroupDescription: "Files:"; Flags: unchecked

[InstallDelete]
; What an older version had and this one has not would be found and imported.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "..\..\dist\cnnviz-gui\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs
Source: "..\..\LICENSE"; DestDir: "{app}"; DestName: "LICENSE.txt"; Flags: ignoreversion

[Icons]
Name: "{group}\{#Name}"; Filename: "{app}\{#Program}"
Name: "{autodesktop}\{#Name}"; Filename: "{app}\{#Program}"; Tasks: desktopicon

[Registry]
; Offered under "Open with" for what it opens; what opens pictures by default stays as it is.
#define Types "Software\Classes\Applications\" + Program + "\SupportedTypes"
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "{#Name}"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\shell\open\command"; ValueType: string; ValueData: """{app}\{#Program}"" ""%1"""
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".png"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".jpg"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".jpeg"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".webp"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".gif"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".bmp"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".tif"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".tiff"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".avif"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".safetensors"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".pt"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".pth"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".pt2"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".ckpt"
Root: HKA; Subkey: "{#Types}"; ValueType: string; ValueName: ".cnnviz"
Root: HKA; Subkey: "Software\Classes\cnnviz.session"; ValueType: string; ValueData: "Session of {#Name}"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\cnnviz.session\DefaultIcon"; ValueType: string; ValueData: "{app}\{#Program},0"
Root: HKA; Subkey: "Software\Classes\cnnviz.session\shell\open\command"; ValueType: string; ValueData: """{app}\{#Program}"" ""%1"""
Root: HKA; Subkey: "Software\Classes\.cnnviz"; ValueType: string; ValueData: "cnnviz.session"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\cnnviz.weights"; ValueType: string; ValueData: "Weights of a neural network"; Flags: uninsdeletekey; Tasks: weights
Root: HKA; Subkey: "Software\Classes\cnnviz.weights\DefaultIcon"; ValueType: string; ValueData: "{app}\{#Program},0"; Tasks: weights
Root: HKA; Subkey: "Software\Classes\cnnviz.weights\shell\open\command"; ValueType: string; ValueData: """{app}\{#Program}"" ""%1"""; Tasks: weights
Root: HKA; Subkey: "Software\Classes\.safetensors"; ValueType: string; ValueData: "cnnviz.weights"; Flags: uninsdeletevalue; Tasks: weights

[Run]
Filename: "{app}\{#Program}"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent
