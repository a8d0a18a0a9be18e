/** What a picture from outside may cost. */
export { largestPicture, mostPixels, mostPixelsTogether } from '../app/api/picture-limits.ts'
