"""What stands in ``packaging``: it can be parsed, is complete, and agrees with the program."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import plistlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from cnnviz_gui import texts
from cnnviz_gui.core import image_checks
from cnnviz_gui.core.request import CHECKPOINT_SUFFIXES
from cnnviz_gui.state.session_file import SUFFIX

PROJECT = Path(__file__).parents[2]
PACKAGING = PROJECT / "packaging"
LINUX, WINDOWS, MACOS = (PACKAGING / name for name in ("linux", "windows", "macos"))
ID = "org.cnnviz.CnnvizGui"
VERSION = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
HICOLOR = LINUX / "icons" / "hicolor"

PICTURES = {
    # Pillow's name: what Linux, Windows and macOS call it
    "PNG": ("image/png", {".png"}, "public.png"),
    "JPEG": ("image/jpeg", {".jpg", ".jpeg"}, "public.jpeg"),
    "WEBP": ("image/webp", {".webp"}, "org.webmproject.webp"),
    "GIF": ("image/gif", {".gif"}, "com.compuserve.gif"),
    "BMP": ("image/bmp", {".bmp"}, "com.microsoft.bmp"),
    "TIFF": ("image/tiff", {".tif", ".tiff"}, "public.tiff"),
    "AVIF": ("image/avif", {".avif"}, "public.avif"),
}
WEIGHTS = {"application/x-safetensors", "application/x-pytorch"}
TELLING = set(CHECKPOINT_SUFFIXES) - {".bin"}  # which could be anything
SESSION = {"application/x-cnnviz"}
NAMESPACES = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}


def make_icons():
    spec = importlib.util.spec_from_file_location("make_icons", PACKAGING / "make_icons.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def desktop_entries() -> dict[str, str]:
    lines = (LINUX / f"{ID}.desktop").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def metainfo() -> ElementTree.Element:
    return ElementTree.parse(LINUX / f"{ID}.metainfo.xml").getroot()


def info_plist() -> dict:
    return plistlib.loads((MACOS / "Info.plist").read_bytes())


def inno() -> str:
    return (WINDOWS / "cnnviz_gui.iss").read_text("utf-8")


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def check(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_desktop_file_is_valid():
    assert check(tool("desktop-file-validate"), LINUX / f"{ID}.desktop") == ""


def test_the_metainfo_is_valid():
    check(tool("appstreamcli"), "validate", "--no-net", LINUX / f"{ID}.metainfo.xml")


def test_the_new_types_make_a_valid_database(tmp_path):
    shutil.copy(LINUX / f"{ID}.mime.xml", tmp_path)
    (tmp_path / "packages").mkdir()
    (tmp_path / f"{ID}.mime.xml").rename(tmp_path / "packages" / f"{ID}.xml")
    check(tool("update-mime-database"), tmp_path)
    globs = (tmp_path / "globs2").read_text("utf-8")
    assert "application/x-safetensors:*.safetensors" in globs


def test_the_formats_of_pictures_are_those_the_program_opens():
    formats = {kind for _, kind in image_checks._PICTURES} | {"WEBP", "AVIF"}
    assert formats == set(PICTURES)
    assert all(kind in image_checks._HINT.upper() for kind in PICTURES)


def test_the_desktop_file_lists_what_the_program_opens():
    listed = desktop_entries()["MimeType"].rstrip(";").split(";")
    assert len(listed) == len(set(listed))
    assert set(listed) == {mime for mime, _, _ in PICTURES.values()} | WEIGHTS | SESSION
    assert {one.text for one in metainfo().iter("mediatype")} == set(listed)


def test_the_new_types_cover_all_weights():
    root = ElementTree.parse(LINUX / f"{ID}.mime.xml").getroot()
    types = {one.get("type") for one in root.iterfind("m:mime-type", NAMESPACES)}
    patterns = [one.get("pattern") for one in root.iterfind("*/m:glob", NAMESPACES)]
    assert types == WEIGHTS | SESSION
    assert sorted(patterns) == sorted(f"*{suffix}" for suffix in (*TELLING, SUFFIX))


def test_the_magic_of_safetensors_fits_a_real_file():
    magic = ElementTree.parse(LINUX / f"{ID}.mime.xml").getroot().find(".//m:match", NAMESPACES)
    value = magic.get("value").encode().decode("unicode_escape").encode("latin-1")
    head = (PROJECT / "resources/networks/lenet5.safetensors").read_bytes()[:64]
    assert head[int(magic.get("offset")) :].startswith(value)


def test_the_desktop_file_fits_the_program():
    entries = desktop_entries()
    scripts = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    program = entries["Exec"].split()[0]
    assert program in scripts["gui-scripts"] and entries["TryExec"] == program
    assert entries["Icon"] == ID
    bootstrap = (PROJECT / "cnnviz_gui/app/bootstrap.py").read_text("utf-8")
    assert f'setDesktopFileName("{ID}")' in bootstrap
    assert f'setApplicationName("{entries["StartupWMClass"]}")' in bootstrap  # X11's class


@pytest.mark.parametrize("size", [16, 24, 32, 48, 64, 128, 256, 512])
def test_each_size_of_the_icon_is_there(size):
    with Image.open(HICOLOR / f"{size}x{size}" / "apps" / f"{ID}.png") as picture:
        assert (picture.size, picture.mode) == ((size, size), "RGBA")
        alpha = picture.getchannel("A")
        assert alpha.getextrema()[1] == 255 and alpha.getpixel((0, 0)) < 128  # rounded corners


def test_the_scalable_icon_is_the_programs_own():
    scalable = HICOLOR / "scalable" / "apps" / f"{ID}.svg"
    assert scalable.read_bytes() == (PROJECT / "resources/icons/cnnviz.svg").read_bytes()


def test_the_symbolic_icon_has_one_colour():
    text = (HICOLOR / "symbolic" / "apps" / f"{ID}-symbolic.svg").read_text("utf-8")
    assert 'viewBox="0 0 16 16"' in text
    assert len(set(re.findall(r'fill="([^"]+)"', text))) == 1


def test_the_icon_of_windows_holds_its_sizes():
    with Image.open(WINDOWS / "icon.ico") as icon:
        assert icon.info["sizes"] == {(size, size) for size in make_icons().WINDOWS}
        assert {(16, 16), (32, 32), (48, 48), (256, 256)} <= icon.info["sizes"]


def test_the_icon_of_macos_holds_its_sizes():
    with Image.open(MACOS / "icon.icns") as icon:
        pixels = {side * scale for side, _, scale in icon.info["sizes"]}
    assert pixels == {32, 64, 128, 256, 512, 1024}


def test_the_icons_can_be_drawn_anew(tmp_path):
    check(sys.executable, PACKAGING / "make_icons.py", "--out", tmp_path)
    drawn = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert drawn and all((PACKAGING / path).is_file() for path in drawn)


def test_the_plists_say_what_the_program_opens():
    info = info_plist()
    plistlib.loads((MACOS / "entitlements.plist").read_bytes())
    assert info["CFBundleIdentifier"] == ID
    assert (MACOS / info["CFBundleIconFile"]).is_file()
    listed = {one for kind in info["CFBundleDocumentTypes"] for one in kind["LSItemContentTypes"]}
    declared = {one["UTTypeIdentifier"] for one in info["UTImportedTypeDeclarations"]}
    (own,) = info["UTExportedTypeDeclarations"]
    assert own["UTTypeTagSpecification"]["public.filename-extension"] == [SUFFIX.removeprefix(".")]
    assert set(own["UTTypeTagSpecification"]["public.mime-type"]) == SESSION
    assert listed == {uti for _, _, uti in PICTURES.values()} | declared | {own["UTTypeIdentifier"]}
    tags = [one["UTTypeTagSpecification"] for one in info["UTImportedTypeDeclarations"]]
    endings = {f".{ending}" for tag in tags for ending in tag["public.filename-extension"]}
    assert endings == TELLING
    assert {mime for tag in tags for mime in tag["public.mime-type"]} == WEIGHTS


def test_the_installer_names_files_that_exist():
    text = inno()
    named = re.findall(r'^(?:LicenseFile|SetupIconFile)=(.+)$|Source: "([^"*]+)"', text, re.M)
    paths = [first or second for first, second in named]
    assert len(paths) == 3
    for path in paths:
        assert (WINDOWS / path.replace("\\", "/")).is_file(), path
    assert 'Source: "..\\..\\dist\\cnnviz-gui\\*"' in text
    assert "PrivilegesRequired=lowest" in text


def test_the_installer_lists_what_the_program_opens():
    listed = set(re.findall(r'Subkey: "{#Types}"; ValueType: string; ValueName: "([^"]+)"', inno()))
    assert listed == TELLING.union({SUFFIX}, *(endings for _, endings, _ in PICTURES.values()))


def test_the_manifest_knows_sharp_screens_long_paths_and_unicode():
    root = ElementTree.parse(WINDOWS / "app.manifest").getroot()
    said = {element.tag.rpartition("}")[2]: element.text for element in root.iter()}
    assert said["dpiAwareness"].startswith("PerMonitorV2")
    assert (said["longPathAware"], said["activeCodePage"]) == ("true", "UTF-8")
    assert 'level="asInvoker"' in (WINDOWS / "app.manifest").read_text("utf-8")


def test_all_name_the_same_version():
    info, root = info_plist(), ElementTree.parse(WINDOWS / "app.manifest").getroot()
    assert re.search(r'#define Version "([^"]+)"', inno())[1] == VERSION
    assert info["CFBundleVersion"] == info["CFBundleShortVersionString"] == VERSION
    assert metainfo().find("releases/release").get("version") == VERSION
    assert root.find("{*}assemblyIdentity").get("version") == f"{VERSION}.0"


SPEC = (PACKAGING / "pyinstaller" / "cnnviz_gui.spec").read_text("utf-8")


def in_spec(*names: str, **known: object) -> list:
    """Run only the statements of the spec that make these names first, and return what they are."""
    wanted: dict[str, ast.stmt] = {}
    for node in ast.parse(SPEC).body:
        name = getattr(node, "name", "")
        if isinstance(node, ast.Assign):
            name = ast.unparse(node.targets[0])
        wanted.setdefault(name, node)
    space = {"os": os, "re": re, "Path": Path, "PROJECT": PROJECT, "TRIM": True} | known
    exec(compile(ast.Module([wanted[name] for name in names], []), "spec", "exec"), space)
    return [space[name] for name in names]


def trimmed() -> re.Pattern[str]:
    (useless,) = in_spec("USELESS")
    return re.compile("|".join(useless))


def test_the_bundle_holds_catalogues_chapters_and_all_else_that_is_read():
    (datas,) = in_spec("datas")
    held = {f"{folder}/{Path(source).name}" for source, folder in datas}
    read = {
        path.relative_to(PROJECT / "resources").as_posix()
        for path in (PROJECT / "resources").rglob("*")
        if path.is_file() and "screenshots" not in path.parts and path.suffix != ".po"
    }
    assert held == {f"cnnviz_gui/_resources/{name}" for name in read}
    languages = set(texts.LANGUAGES) - {"en"}
    assert {f"languages/{name}.mo" for name in languages} <= read
    assert {f"manual/{name}/start.md" for name in languages} | {"manual/start.md"} <= read


def test_the_bundle_holds_qts_own_words_in_the_languages_of_the_program_and_no_others():
    folder = "PySide6/Qt/translations"
    for name in set(texts.LANGUAGES) - {"en"}:
        assert not trimmed().search(f"{folder}/qtbase_{name}.qm")
        assert not trimmed().search(f"PySide6/translations/qtbase_{name}.qm")  # of Windows
    for name in ("qtbase_fr", "qtbase_en", "qtbase_dea", "qt_de", "qt_help_de", "linguist_de"):
        assert trimmed().search(f"{folder}/{name}.qm")


def test_no_link_is_left_of_what_was_trimmed():
    _, kept = in_spec("USELESS", "kept")
    library = "PySide6/Qt/lib/libQt6EglFSDeviceIntegration.so.6"
    core = "PySide6/Qt/lib/libQt6Core.so.6"
    beside = ("PySide6/Qt/lib/also.so.6", "libQt6Pdf.so.6", "SYMLINK")
    entries = [
        (library, "/env/lib.so", "BINARY"),
        (Path(library).name, library, "SYMLINK"),
        beside,
        (core, "/env/core.so", "BINARY"),
        (Path(core).name, core, "SYMLINK"),
    ]
    assert kept(entries) == entries[3:]


def test_the_program_itself_hears_of_opened_files():
    assert "argv_emulation" not in SPEC  # it would take the events before Qt does
    types = info_plist()["CFBundleDocumentTypes"]
    assert all(one["CFBundleTypeRole"] in ("Viewer", "Editor") for one in types)
    assert "OpenedFiles" in (PROJECT / "cnnviz_gui/app/bootstrap.py").read_text("utf-8")


@pytest.mark.parametrize(
    "path",
    [
        "cnnviz_gui/_resources/samples/chelsea.png",
        "numpy.libs/libscipy_openblas64_-32a4b2a6.so",
        "torch/bin/torch_shm_manager",
        "torch/lib/libtorch_cpu.so",
        "torch/testing/__init__.py",
        "torchvision/_C_stable.so",
        "PySide6/Qt/lib/libQt6Test.so.6",
        "PySide6/Qt/lib/libQt6OpenGLWidgets.so.6",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/plugins/platforms/qwindows.dll",
        "PySide6/Qt6Svg.dll",
        "qtawesome/fonts/phosphor-1.3.0.ttf",
    ],
)
def test_trimming_leaves_what_the_program_needs(path):
    assert not trimmed().search(path)


@pytest.mark.parametrize(
    "path",
    [
        "torch/include/ATen/ATen.h",
        "torch/bin/protoc",
        "PySide6/Qt/qml/QtQuick/qmldir",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/Qt6Pdf.dll",
        "PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml",
        "PySide6/Qt/translations/qt_de.qm",
        "qtawesome/fonts/materialdesignicons6-webfont-6.9.96.ttf",
    ],
)
def test_trimming_leaves_out_what_nobody_needs(path):
    assert trimmed().search(path)


@pytest.mark.parametrize(
    "path",
    sorted([*PACKAGING.rglob("*.py"), *PACKAGING.rglob("*.spec")]),
    ids=lambda path: path.name,
)
def test_each_program_compiles(path):
    compile(path.read_text("utf-8"), path, "exec")


def test_the_bundle_checker_refuses_links_that_lead_nowhere(tmp_path):
    (tmp_path / "libQt6Gone.so").symlink_to("PySide6/libQt6Gone.so")
    command = [sys.executable, PACKAGING / "check_bundle.py", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == "The bundle is not sound: Links lead nowhere: libQt6Gone.so.\n"


def test_the_bundle_checker_refuses_what_is_no_bundle(tmp_path):
    command = [sys.executable, PACKAGING / "check_bundle.py", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == "The bundle is not sound: It has no sample pictures.\n"


def test_the_bundle_checker_refuses_what_is_too_large(tmp_path):
    (tmp_path / "large").write_bytes(bytes(2_000_000))
    command = [sys.executable, PACKAGING / "check_bundle.py", tmp_path, "--most-mb", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "The bundle is not sound: It has 2 MB; 1 MB are allowed.\n",
    )


def test_the_notices_know_all_that_travels_beside_packages():
    script = ast.parse((PACKAGING / "sbom" / "make_sbom.py").read_text("utf-8"))
    (brought,) = (
        ast.literal_eval(node.value)
        for node in script.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "BROUGHT"
    )
    told = {file for _, file in brought.values()} - {""}
    resources = PROJECT / "resources"
    assert all((resources / file).stat().st_size for file in told)
    terms = {*resources.rglob("*LICENSE*"), *resources.rglob("README.md")}
    assert {path.relative_to(resources).as_posix() for path in terms} == told


def test_what_runs_is_in_the_bill_of_materials(tmp_path):
    for needed in ("cyclonedx", "packageurl"):
        pytest.importorskip(needed)
    check(sys.executable, PACKAGING / "sbom" / "make_sbom.py", "--out", tmp_path)
    bill = json.loads((tmp_path / "bom.json").read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    names = {one["name"] for one in bill["components"] if one["licenses"]}
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.match(r"[\w-]+", one)[0].lower() for one in project["dependencies"]}
    assert wanted | {"shiboken6", "python", "Inter (typeface)"} <= names
    notice = (tmp_path / "NOTICE.txt").read_text("utf-8")
    assert all(f"\n{name}" in notice for name in names)
