// total is the price of an order after a discount in percent, in cents.
export function total(prices, discount = 0) {
  const sum = prices.reduce((a, b) => a + b, 0)
  return sum * (1 - discount / 100)
}
