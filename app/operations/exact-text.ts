/** Values as JSON that tells all of them apart; whole numbers of any size keep their digits. */
export const exactText = (value: unknown): string =>
  JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}` : each))
