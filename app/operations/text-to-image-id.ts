/** How recipes name text to image: apart from the operation itself, so that whoever reads recipes loads no engine. */
export const TEXT_TO_IMAGE = { id: 'text-to-image', version: 3 } as const
