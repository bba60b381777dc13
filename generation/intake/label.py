"""What a picture says of its origin, in the words that readers of metadata know (IPTC, digital source type)."""

from __future__ import annotations

BY_MODEL = "trainedAlgorithmicMedia"
BY_PROGRAM = "algorithmicMedia"

_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><Iptc4xmpExt:DigitalSourceType>'
    "http://cv.iptc.org/newscodes/digitalsourcetype/%s</Iptc4xmpExt:DigitalSourceType></rdf:Description></rdf:RDF></x:xmpmeta>"
    '<?xpacket end="r"?>'
)


def xmp(source_type: str) -> bytes:
    """An XMP packet that names the source type."""
    return (_XMP % source_type).encode()
