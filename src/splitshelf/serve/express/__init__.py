"""The shelf that most requests ask for, from the events to the bytes in two steps.

`drawing` finds in one kernel what stands where, with what chance and why; `writing` puts pieces of
JSON together that were encoded once a product. Both say what the general path says (`serve.scene`,
`serve.shelves`), number by number and byte by byte, or leave the request to it.
"""
