#!/bin/sh
# Provides what the browser tests need: Chromium and a font with Chinese glyphs.
set -eu

have() { command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1; }
have_font() { command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh)" ]; }

if have && have_font; then exit 0; fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing chromium and fonts-noto-cjk / 正在安装 chromium 与 fonts-noto-cjk"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fontconfig fonts-noto-cjk >/dev/null
else
    echo "The browser tests need Chromium and a CJK font. Install them by:" >&2
    echo "  sudo apt-get install chromium fonts-noto-cjk" >&2
    echo "浏览器测试需要 Chromium 与中文字体，请先安装：sudo apt-get install chromium fonts-noto-cjk" >&2
    exit 2
fi
