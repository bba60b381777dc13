"""Low-poly places as binary glTF, built from boxes, prisms and cylinders with painted vertices."""
