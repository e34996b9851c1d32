// Why a camera, a microphone or a connection failed, in the words of the record.

/** The reasons that the server knows (PRODUCT.md 2.8). */
export type Failure =
  | 'permission_denied'
  | 'device_missing'
  | 'device_in_use'
  | 'ice_failed'
  | 'dtls_failed'
  | 'timeout'
  | 'bad_offer'
  | 'room_full';

/** What getUserMedia and getDisplayMedia throw, told apart. */
export function ofDevice(error: unknown): Failure {
  const name = error instanceof DOMException || error instanceof Error ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'permission_denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'device_missing';
    default:
      return 'device_in_use';
  }
}

/** Why a connection that has failed did: found no way, or the way was found and the keys were not agreed on. */
export function ofConnection(pc: RTCPeerConnection): Failure {
  return pc.iceConnectionState === 'connected' || pc.iceConnectionState === 'completed' ? 'dtls_failed' : 'ice_failed';
}
