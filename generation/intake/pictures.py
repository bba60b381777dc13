"""Pictures: opened by Pillow with a short list of formats, checked for size before decoding, written anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from . import JPEG, PNG, WEBP, Cleaned, Kind, refused
from .label import BY_MODEL, xmp

MAX_PIXELS = 25_000_000
MAX_SIDE = 10_000
IMAGE_DESCRIPTION = 0x010E
FORMATS = {PNG: "PNG", JPEG: "JPEG", WEBP: "WEBP"}
Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow's own guard, for every other place that opens one


def clean_picture(source: Path, kind: Kind, target_dir: Path, *, head: bytes, made_by: str = "") -> Cleaned:
    """Write a picture again without metadata (its turn is applied first); of an animation the first frame. `made_by` is written into the file.

    Raises Invalid for more than 25 megapixels, sides over 10,000 pixels, or anything Pillow cannot decode whole.
    """
    pillow = "GIF" if head.startswith(b"GIF8") else FORMATS[kind]
    try:
        with Image.open(source, formats=[pillow]) as image:
            wide, high = image.size
            if wide * high > MAX_PIXELS or max(wide, high) > MAX_SIDE:
                raise _too_large(wide, high)
            image.load()
            turned = ImageOps.exif_transpose(image)
            plain = _plain(turned, pillow)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise _too_large(0, 0) from bomb
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise refused("The picture is damaged: it cannot be decoded.", "damaged") from error
    path = target_dir / f"picture.{kind.extension}"
    if kind is JPEG:
        plain.save(path, "JPEG", quality=91, optimize=True, progressive=True, **_said(made_by))
    elif kind is WEBP:
        plain.save(path, "WEBP", quality=91, method=4, **_said(made_by))
    else:
        said = PngInfo()
        if made_by:
            said.add_text("Comment", made_by)
            said.add_itxt("XML:com.adobe.xmp", xmp(BY_MODEL).decode())
        plain.save(path, "PNG", optimize=False, pnginfo=said)
    return Cleaned(path, kind, *plain.size)


def _said(made_by: str) -> dict[str, Any]:
    """Who made it, for formats that keep that in EXIF and XMP; without one the file stays without either."""
    if not made_by:
        return {}
    exif = Image.Exif()
    exif[IMAGE_DESCRIPTION] = made_by
    return {"exif": exif, "xmp": xmp(BY_MODEL)}


def _too_large(wide: int, high: int) -> Exception:
    size = f" It has {wide}×{high}." if wide else ""
    return refused(f"A picture may have 25 megapixels and 10,000 pixels a side.{size}", "too_many_pixels")


def _plain(image: Image.Image, pillow: str) -> Image.Image:
    """The pixels alone, in RGB or RGBA; colour profiles, comments and places stay behind."""
    alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    mode = "RGBA" if alpha and pillow != "JPEG" else "RGB"
    converted = image.convert(mode)
    return Image.frombytes(mode, converted.size, converted.tobytes())
