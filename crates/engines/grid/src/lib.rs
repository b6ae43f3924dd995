//! The network of a distribution company as values: how it is imported, what is energised, what lies
//! below a device, which device probably failed, when power will be back, and how reliable the supply
//! was. Pure: no input or output, no clock, no database; a caller opens files and asks the time.
