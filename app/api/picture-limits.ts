/** Limits of pictures from outside, for the page too. */

/** Bytes of the largest file of a picture that is looked at. */
export const largestPicture = 256 * 2 ** 20
/** Bytes of a file that go in one message. */
export const pieceOfFile = 8 * 2 ** 20
/** Pixels of the largest picture that is decoded: 100 megapixels. */
export const mostPixels = 100_000_000
/** Pixels of all layers of a file together. */
export const mostPixelsTogether = 4 * mostPixels
