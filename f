teed
