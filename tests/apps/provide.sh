#!/bin/sh
# Provides the programs that open the documents: LibreOffice, poppler, QGIS and a Chinese font.
set -eu

have() {
    command -v soffice >/dev/null 2>&1 && command -v pdftoppm >/dev/null 2>&1 \
        && /usr/bin/python3 -c 'import qgis.core' 2>/dev/null && [ -n "$(fc-list :lang=zh)" ]
}

if have; then exit 0; fi

packages="libreoffice-calc libreoffice-writer poppler-utils python3-qgis fontconfig fonts-noto-cjk"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing $packages / 正在安装"
    apt-get update -qq
    # shellcheck disable=SC2086 # one word a package
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
else
    echo "These tests need LibreOffice, poppler, QGIS and a CJK font. Install them by:" >&2
    echo "  sudo apt-get install $packages" >&2
    echo "请先安装：sudo apt-get install $packages" >&2
    exit 2
fi
