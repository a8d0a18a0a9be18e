/** Bytes of the largest picture file that is looked at. */
export const largestPicture = 256 * 2 ** 20
/** Pixels of the largest picture that is decoded: 100 megapixels. */
export const mostPixels = 100_000_000
