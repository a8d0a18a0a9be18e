import type { Recipe } from '../records.ts'

/** Where programs look for XMP in a PNG (XMP Specification Part 3, section 1.1.5): an iTXt chunk, not compressed. */
export const XMP_KEYWORD = 'XML:com.adobe.xmp'

/** Terms of IPTC's list of digital source types (cv.iptc.org/newscodes/digitalsourcetype). */
const sourceTypes = {
  /** Made by a model alone. */
  made: 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia',
  /** Made from other pictures, parts of which may still be there. */
  changed: 'http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia',
}

/** How much of a picture a model made: all of it, or parts. */
export type Origin = keyof typeof sourceTypes

/** What a picture says, for machines, of how it came to be. */
export const originOf = ({ parents, app }: Pick<Recipe, 'parents' | 'app'>): string =>
  originXmp(parents.length === 0 ? 'made' : 'changed', app)

/** XMP with IPTC's DigitalSourceType (IPTC Photo Metadata Standard 2023.2, section 8.14) and the program that wrote it. */
export function originXmp(origin: Origin, app: string): string {
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/">
   <Iptc4xmpExt:DigitalSourceType rdf:resource="${sourceTypes[origin]}"/>
   <xmp:CreatorTool>${escaped(app)}</xmp:CreatorTool>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`
}

/** What a picture says of how it came to be; undefined where it says nothing that we would have written. */
export function readOrigin(xmp: string): 'made' | 'changed' | undefined {
  const says = (type: string) => xmp.includes(`rdf:resource="${type}"`)
  if (says(sourceTypes.made)) return 'made'
  return says(sourceTypes.changed) ? 'changed' : undefined
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
