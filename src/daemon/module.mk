# banyand: an sbin program, linked with libnet.a and $(PURE_LDADD)
