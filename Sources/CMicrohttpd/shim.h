#pragma once
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>

// Swift cannot call variadic functions: one inline function for each such call that is needed.

/// Starts a daemon whose options are an array that ends with MHD_OPTION_END.
static inline struct MHD_Daemon *
riffle_microhttpd_start (unsigned int flags, MHD_AccessHandlerCallback handler, void *context,
                         struct MHD_OptionItem *options)
{
  return MHD_start_daemon (flags, 0, NULL, NULL, handler, context, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

/// The socket of a connection, -1 where it is not known.
static inline int
riffle_microhttpd_socket (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return NULL == info ? -1 : info->connect_fd;
}

/// Writes the client's address as IPv6 has it, with IPv4 as ::ffff:192.0.2.1; zeros where it is not known.
static inline void
riffle_microhttpd_client_address (struct MHD_Connection *connection, unsigned char bytes[16])
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  const struct sockaddr *address = NULL == info ? NULL : info->client_addr;
  memset (bytes, 0, 16);
  if (NULL == address)
    return;
  if (AF_INET == address->sa_family)
  {
    memset (bytes + 10, 0xFF, 2);
    memcpy (bytes + 12, &((const struct sockaddr_in *) (const void *) address)->sin_addr, 4);
  }
  else if (AF_INET6 == address->sa_family)
    memcpy (bytes, &((const struct sockaddr_in6 *) (const void *) address)->sin6_addr, 16);
}

/// The bytes of the request from its method to the empty line, 0 where they are not known.
static inline size_t
riffle_microhttpd_header_bytes (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info
    = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return NULL == info ? 0 : info->header_size;
}

/// What MHD_OPTION_NOTIFY_CONNECTION was given for this connection's socket.
static inline void *
riffle_microhttpd_socket_context (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return NULL == info ? NULL : info->socket_context;
}

/// The session of a connection that speaks TLS, a gnutls_session_t; NULL for one that does not.
static inline void *
riffle_microhttpd_tls_session (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  return NULL == info ? NULL : info->tls_session;
}

/// MHD_SIZE_UNKNOWN, which is a cast that Swift does not import.
static inline uint64_t
riffle_microhttpd_size_unknown (void)
{
  return MHD_SIZE_UNKNOWN;
}
