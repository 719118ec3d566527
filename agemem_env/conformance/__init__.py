"""The contracts that every environment of the suite keeps."""
