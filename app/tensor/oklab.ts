/** A colour in OKLab (Ottosson 2020, bottosson.github.io/posts/oklab): lightness 0 to 1, green to red, blue to yellow. Equal distances look
 *  equally far apart. */
export type Lab = readonly [lightness: number, a: number, b: number]

/** Light of an sRGB byte (IEC 61966-2-1). */
const linear = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
})

/** An sRGB colour of bytes in OKLab. */
export function labOf(red: number, green: number, blue: number): Lab {
  const [r, g, b] = [linear[red], linear[green], linear[blue]]
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const medium = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ]
}

/** `#rrggbb` in OKLab; undefined where it is none. */
export function labOfHex(hex: string): Lab | undefined {
  const [, red, green, blue] = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex) ?? []
  return red === undefined
    ? undefined
    : labOf(Number.parseInt(red, 16), Number.parseInt(green, 16), Number.parseInt(blue, 16))
}
