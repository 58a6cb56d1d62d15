"""What a call looks like, and the documents made from that: OpenAPI, AsyncAPI, JSON Schema."""
