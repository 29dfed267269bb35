//! Entries in the shape that distributions give them.

/// Comments between keys, translations, an address, actions.
pub const FIREFOX: &str = "\
[Desktop Entry]
Name=Firefox ESR
Name[bg]=Firefox ESR
Comment=Browse the World Wide Web
Comment[zh_CN]=浏览互联网
GenericName=Web Browser
X-GNOME-FullName=Firefox ESR Web Browser
Exec=/usr/lib/firefox-esr/firefox-esr %u
Terminal=false
X-MultipleArgs=false
Type=Application
Icon=firefox-esr
Categories=Network;WebBrowser;
MimeType=text/html;text/xml;x-scheme-handler/http;x-scheme-handler/https;
StartupWMClass=firefox-esr
StartupNotify=true
Actions=new-window;new-private-window;

[Desktop Action new-window]
Name=New Window
Name[de]=Neues Fenster
Exec=/usr/lib/firefox-esr/firefox-esr --new-window %u

[Desktop Action new-private-window]
Name=New Private Window
Exec=/usr/lib/firefox-esr/firefox-esr --private-window %u
";

/// No address in its actions, an empty line at the end of the main group.
pub const CHROMIUM: &str = "\
[Desktop Entry]
Version=1.0
Name=Chromium Web Browser
Name[ast]=Restolador web Chromium
Exec=/usr/bin/chromium %U
Terminal=false
X-MultipleArgs=false
Type=Application
Icon=chromium
Categories=Network;WebBrowser;
MimeType=text/html;x-scheme-handler/unknown;
StartupNotify=true
Actions=NewWindow;Incognito;TempProfile;

[Desktop Action NewWindow]
Name=New Window
Exec=/usr/bin/chromium

[Desktop Action Incognito]
Name=New Incognito Window
Exec=/usr/bin/chromium --incognito

[Desktop Action TempProfile]
Name=New Window with a temporary profile
Exec=/usr/bin/chromium --temp-profile
";

/// Started over D-Bus where that is possible; comments for translators; a TryExec.
pub const EVINCE: &str = "\
[Desktop Entry]
Name[de]=Dokumentenbetrachter
Name=Document Viewer
Comment=View multi-page documents
# Translators: Search terms to find this application. Do NOT translate or localize the semicolons!
Keywords=pdf;ps;postscript;dvi;xps;djvu;tiff;document;presentation;viewer;evince;
TryExec=evince
Exec=evince %U
StartupNotify=true
Terminal=false
Type=Application
# Translators: Do NOT translate or transliterate this text (this is an icon file name)!
Icon=org.gnome.Evince
X-GNOME-DocPath=
Categories=GNOME;GTK;Office;Viewer;Graphics;2DGraphics;VectorGraphics;
MimeType=application/pdf;application/postscript;
DBusActivatable = true
";

/// Keys behind blanks, a D-Bus name, an action.
pub const TEXT_EDITOR: &str = "\
[Desktop Entry]
Actions=new-window;
Categories=GNOME;GTK;Utility;TextEditor;
Comment=View and edit text files
DBusActivatable=true
Exec=gnome-text-editor %U
Icon=org.gnome.TextEditor
MimeType=text/plain;application/x-zerosize;
Name=Text Editor
StartupNotify=true
Terminal=false
Type=Application

[Desktop Action new-window]
Exec=gnome-text-editor --new-window
Name=New Window";

/// Files, and an action with an icon of its own.
pub const CODE: &str = "\
[Desktop Entry]
Name=Visual Studio Code
Comment=Code Editing. Redefined.
GenericName=Text Editor
Exec=/usr/share/code/code %F
Icon=vscode
Type=Application
StartupNotify=false
StartupWMClass=Code
Categories=TextEditor;Development;IDE;
MimeType=application/x-code-workspace;
Actions=new-empty-window;
Keywords=vscode;

[Desktop Action new-empty-window]
Name=New Empty Window
Name[fr]=Nouvelle fenêtre vide
Exec=/usr/share/code/code --new-window %F
Icon=vscode
";
